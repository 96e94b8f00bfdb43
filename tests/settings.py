"""Settings of the tests: the product's own, in a temporary folder, stricter where it helps."""

import atexit
import os
import shutil
import tempfile

if "TISSERAND_DATA" not in os.environ:
    os.environ["TISSERAND_DATA"] = tempfile.mkdtemp(prefix="tisserand-tests-")
    atexit.register(shutil.rmtree, os.environ["TISSERAND_DATA"], ignore_errors=True)
worker = os.environ.get("PYTEST_XDIST_WORKER", "")  # of those that run tests at once: each its own folder
if worker and not os.environ["TISSERAND_DATA"].endswith(worker):
    os.environ["TISSERAND_DATA"] = tempfile.mkdtemp(dir=os.environ["TISSERAND_DATA"], suffix=worker)

from tisserand.config.settings import *  # noqa: E402, F403
from tisserand.config.settings import DATA, DATABASES, STORAGES, TEMPLATES  # noqa: E402


class Undefined(str):
    """Given to a template for a variable that does not exist: rendering it fails the test."""

    __slots__ = ()

    def __contains__(self, _item):
        return True  # Django looks for "%s" before using the string

    def __mod__(self, name):
        raise AssertionError(f"undefined template variable: {name}")


TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = Undefined("undefined")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
(DATA / "static").mkdir(exist_ok=True)
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "default"},
    "progress": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "progress"},
}
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: threads of a test then share it as the processes of a server do.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA / "test.sqlite3")}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0
