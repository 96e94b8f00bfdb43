"""Someone who leaves a trace everywhere."""

import pytest

from tests.privacy import canaries
from tisserand.network.models import User

SHARED = {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"}


@pytest.fixture
def shared_cache(settings):
    settings.CACHES = {**settings.CACHES, "default": SHARED}


@pytest.fixture
def files(settings, tmp_path):
    """A data folder of its own, so that its files are all read."""
    settings.DATA = tmp_path
    settings.EMAIL_FILE_PATH = tmp_path / "courrier"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path / "files"}},
    }
    return tmp_path


@pytest.fixture
def zenobie(network, structure, admin, shared_cache, files):
    canaries.live(network, structure)
    return User.objects.get(email=canaries.EMAIL)
