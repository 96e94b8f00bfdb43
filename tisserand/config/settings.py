"""Every setting of an instance, read from the environment; safe without any.

TISSERAND_DATA          folder of the database, secret key and files (default `./var`)
TISSERAND_DATABASE_URL  `postgres://user:password@host/name`; without it, SQLite in the data folder
TISSERAND_URL           public address, `https://…`; without it, the instance answers on this machine only
TISSERAND_MAIL_URL      `smtp+tls://user:password@host:587`; without it, each message is a file in the data folder
TISSERAND_MAIL_FROM     the address that messages come from
TISSERAND_PROXIES       how many proxies of ours stand before the server (default: 1 with an `https` address)
TISSERAND_LOG           `json` for one JSON object on each line of log, requests included; `plain` otherwise
TISSERAND_OIDC_URL      a directory by which people may come in (ProConnect, a town's); with `…_CLIENT_ID`, `…_SECRET`,
                        `…_LABEL` (what people call it), `…_PROVES` (`1`: it proves the addresses that it gives)
TISSERAND_DEBUG         `1` for a developer's pages; never on a server
"""

import sys
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from environ import Env

from tisserand.config import instance_lock
from tisserand.config.data_folder import data_folder, secret_key
from tisserand.config.sqlite_library import journal_pragmas, use_newest

SQLITE_VERSION = use_newest()

env = Env()
PACKAGE = Path(__file__).resolve().parent.parent
DATA = data_folder()
instance_lock.enter(DATA)

SECRET_KEY = secret_key(DATA)
DEBUG = env.bool("TISSERAND_DEBUG", default=False)

# One address says it all: the host to answer, whether cookies travel by HTTPS only, what CSRF trusts.
PUBLIC_URL: str = env.str("TISSERAND_URL", default="").rstrip("/")
_address = urlsplit(PUBLIC_URL)
if PUBLIC_URL and (_address.scheme not in {"http", "https"} or not _address.hostname):
    sys.exit("TISSERAND_URL doit être une adresse complète, par exemple https://actions.exemple.fr")
_secure = _address.scheme == "https"
ALLOWED_HOSTS = [_address.hostname] if _address.hostname else ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"{_address.scheme}://{_address.netloc}"] if PUBLIC_URL else []
SECURE_SSL_REDIRECT = _secure
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _secure else None
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _secure
SECURE_HSTS_PRELOAD = _secure
SESSION_COOKIE_SECURE = _secure
CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_AGE = 60 * 60 * 12
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # the woven band is a data: picture inside our stylesheet
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    # Without `allauth` itself: its stock pages cannot show, only ours.
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "tisserand.config",
    "tisserand.common",
    "tisserand.privacy",
    "tisserand.figures",
    "tisserand.documents",
    "tisserand.messages",
    "tisserand.search",
    "tisserand.network",
    "tisserand.actions",
    "tisserand.portal",
    "tisserand.api",
    "tisserand.demo",
]

MIDDLEWARE = [
    "tisserand.config.requests.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "tisserand.config.views.HealthMiddleware",
    "tisserand.common.bounds.BoundsMiddleware",
    "tisserand.common.compression.TextGZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "tisserand.common.language.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "tisserand.network.accounts.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "tisserand.config.urls"
WSGI_APPLICATION = "tisserand.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tisserand.network.context.site",
            ],
        },
    }
]

if env.str("TISSERAND_DATABASE_URL", default=""):
    DATABASES = {
        "default": {
            **env.db_url("TISSERAND_DATABASE_URL"),
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA / "tisserand.sqlite3",
            "OPTIONS": {
                # A write takes its lock at once and waits for it, instead of failing half-way (trust).
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": journal_pragmas(SQLITE_VERSION),
            },
        }
    }

AUTH_USER_MODEL = "network.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "staff-home"
LOGOUT_REDIRECT_URL = "home"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_RESET_TIMEOUT = 60 * 60 * 24

# Accounts (docs/adr/0018-accounts.md): django-allauth, told here how we log in; pages and letters are ours.
ACCOUNT_ADAPTER = "tisserand.network.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # signup itself is closed: people come by invitation
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation or a code proves the address
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True  # then the second factor, for those who have one
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 3
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 60 * 10
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 8}
SECOND_FACTOR = _secure  # asked of who keeps a network; the demo and a machine of one's own do without
MFA_ADAPTER = "tisserand.network.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody signs up by themselves
MFA_TOTP_TOLERANCE = 1  # a phone may be half a minute late
# Tries that are allowed, per address of the network (ip) and per account or device (key). `…_device` counts apart what
# comes from a device that logged in before, so that hammering an account does not keep its owner out.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "login_failed_device": "5/5m/key",
    "request_login_code": "20/m/ip,100/h/ip,3/10m/key",
    "request_login_code_device": "3/10m/key",
    "login_code": "30/m/ip,3/10m/key",
    "reset_password": "20/m/ip,3/10m/key",
    "reset_password_from_key": "20/m/ip",
}
# A directory by which people may come in (docs/accounts.md); it opens no account.
OIDC_URL = env.str("TISSERAND_OIDC_URL", default="").rstrip("/")
OIDC_LABEL = env.str("TISSERAND_OIDC_LABEL", default="l'annuaire")
OIDC_PROVES = env.bool("TISSERAND_OIDC_PROVES", default=False)
SOCIALACCOUNT_ADAPTER = "tisserand.network.accounts.directory.DirectoryAdapter"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "annuaire",
                "name": OIDC_LABEL,
                "client_id": env.str("TISSERAND_OIDC_CLIENT_ID", default=""),
                "secret": env.str("TISSERAND_OIDC_SECRET", default=""),
                "settings": {"server_url": OIDC_URL},
            }
        ],
    }
}
if OIDC_URL:  # a form that leads there is stopped otherwise
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] = [SELF, "{0.scheme}://{0.netloc}".format(urlsplit(OIDC_URL))]
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TISSERAND_PROXIES", default=1 if _secure else 0)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    # What throttling counts: all processes share it, and adding a key is one atomic step, which a folder cannot do.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shared_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # On disk, so that others see the progress of work whose transaction is not over.
    "progress": {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": DATA / "cache"},
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Of a message, when no request tells it.
LOCAL_URL = f"http://localhost:{env.int('TISSERAND_PORT', default=8000)}"
MAIL_DOMAIN = _address.hostname or "localhost"
DEFAULT_FROM_EMAIL = env.str("TISSERAND_MAIL_FROM", default=f"tisserand@{MAIL_DOMAIN}")
if env.str("TISSERAND_MAIL_URL", default=""):
    vars().update(env.email_url("TISSERAND_MAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA / "courrier"
EMAIL_TIMEOUT = 20

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA / "files"},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_MAX_AGE = 31_536_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
IMPORT_MAX_BYTES = 50 * 1024 * 1024  # of a file deposited on the web; the command line reads any size of text
LARGE_FORMS = {"imports", "attachments"}  # addresses whose forms may carry that much

LOG = env.str("TISSERAND_LOG", default="plain")
if LOG not in {"plain", "json"}:
    sys.exit("TISSERAND_LOG vaut « plain » ou « json »")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "tisserand.config.logs.Plain"}, "json": {"()": "tisserand.config.logs.Json"}},
    "filters": {"one_line": {"()": "tisserand.config.logs.RefusalsInOneLine"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG, "filters": ["one_line"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Robots try any host name: it is refused, and not worth a page of log each time.
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
        # One line for each request, when a program reads them.
        "tisserand.requests": {"level": "INFO" if LOG == "json" else "WARNING"},
    },
}
