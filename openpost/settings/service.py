"""What the service needs to run: its database and queue, the API, platforms and files."""

import os
from pathlib import Path
from typing import Any

from ..api import bounds
from ..environment import (
    address,
    debug,
    development_secrets,
    env,
    read,
    require_production,
    s3,
    secret_key,
    stop,
)

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DEBUG = debug()

if DEBUG:
    HOME = Path(os.environ.get("OPENPOST_HOME") or BASE_DIR / ".openpost")
    for _name, _value in development_secrets(HOME).items():
        os.environ.setdefault(_name, _value)
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        from ..embedded import ensure

        _services = ensure(HOME, postgres=not os.environ.get("DATABASE_URL"), redis=not os.environ.get("REDIS_URL"))
        # Child processes find the same servers by these.
        os.environ["DATABASE_URL"] = os.environ.get("DATABASE_URL") or _services.database_url
        os.environ["REDIS_URL"] = os.environ.get("REDIS_URL") or _services.redis_url
else:
    require_production()

SECRET_KEY = secret_key(DEBUG)
#: A folder in which tests arm failpoints (failpoints.py); "" means there are none.
FAILPOINTS = read(env.str, "FAILPOINTS", "")
if FAILPOINTS and not DEBUG:
    stop("FAILPOINTS is for tests and makes processes kill themselves; unset it, or set DEBUG=1.")
ALLOWED_HOSTS = read(env.list, "ALLOWED_HOSTS", ["*"] if DEBUG else None)
#: Proxies of ours through which each request comes, one after the other: so many names in X-Forwarded-For are believed.
TRUSTED_PROXIES = read(env.int, "TRUSTED_PROXIES", 0 if DEBUG else 1)
#: Where people and platforms reach this service from outside; no slash at the end.
OPENPOST_URL = address("OPENPOST_URL", "http", "https", default="http://127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS = [OPENPOST_URL] if OPENPOST_URL.startswith("https://") else []

# Credentials -------------------------------------------------------------------------------------------------------

#: `<version>:<fernet key>`, newest first. The first encrypts, all decrypt; `manage.py rotate_credentials_key` moves on.
CREDENTIAL_KEYS = read(env.list, "CREDENTIAL_KEYS")

# What runs ---------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "openpost",  # first: its static files and templates stand before those of the theme
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_celery_beat",
    "axes",
    "rest_framework",
    "csp",
    "integrations",
    "posts",
    "publishing",
]

MIDDLEWARE = [
    "openpost.api.middleware.request_id",
    "openpost.seeing.middleware.seen",
    "openpost.api.middleware.api_manners",
    "django.middleware.security.SecurityMiddleware",
    "openpost.web.headers.middleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "openpost.nul.middleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "integrations.people.sessions.middleware",
    "integrations.people.asking.middleware",
    "openpost.acting.middleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "openpost.urls"
WSGI_APPLICATION = "openpost.wsgi.application"
DEFAULT_EXCEPTION_REPORTER_FILTER = "openpost.debug_filter.HideAddresses"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# Data --------------------------------------------------------------------------------------------------------------

#: Nobody waits longer for a server that is gone, nor for a line that was cut: libpq's names and units (seconds, but of
#: tcp_user_timeout milliseconds). What PostgreSQL does about a client that is gone: openpost/cut_off.py.
_IMPATIENCE = {
    "connect_timeout": 5,
    "tcp_user_timeout": 30_000,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
_DATABASE: dict[str, Any] = read(env.dj_db_url, "DATABASE_URL")
DATABASES = {
    "default": {
        **_DATABASE,
        "OPTIONS": {**_IMPATIENCE, **_DATABASE.get("OPTIONS", {})},
        "CONN_MAX_AGE": read(env.int, "DATABASE_CONN_MAX_AGE", 60),
        "CONN_HEALTH_CHECKS": True,
    }
}

#: Seconds after which a web process gives up one statement. Workers and commands wait as long as it takes.
WEB_STATEMENT_SECONDS = read(env.int, "WEB_STATEMENT_SECONDS", 30)
if WEB_STATEMENT_SECONDS < 1:
    stop("WEB_STATEMENT_SECONDS must be 1 or more.")

#: As the Procfile reads them: what the processes of one machine need is counted from here (`manage.py doctor`).
WEB_CONCURRENCY, WEB_THREADS = read(env.int, "WEB_CONCURRENCY", 1), read(env.int, "WEB_THREADS", 8)
WORKER_CONCURRENCY = read(env.int, "WORKER_CONCURRENCY", 8)

REDIS_URL = address("REDIS_URL", "redis", "rediss")
#: Some hosts' Redis speaks TLS with a certificate of its own making (Heroku's does): off accepts it.
REDIS_TLS_VERIFY = read(env.bool, "REDIS_TLS_VERIFY", True)

# Celery: hints, no truth -------------------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
if REDIS_URL.startswith("rediss://"):
    CELERY_BROKER_USE_SSL = {"ssl_cert_reqs": "required" if REDIS_TLS_VERIFY else "none"}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1  # seconds until beat sees that it is to end, or that its schedule was changed
CELERY_TASK_IGNORE_RESULT = True
CELERY_DB_REUSE_MAX = 2**62  # else Celery closes the database's connection at each task; see openpost/celery.py
CELERY_TASK_ACKS_LATE = False  # a lost hint costs latency only: the row is due again after its hand-off time
# A worker takes a message only when it has a thread for it: one that hangs, or dies, keeps none from the others.
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
# A request that sends a hint must not wait for a broker that is away.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "socket_keepalive": True,
    "visibility_timeout": 3600,
}
CELERY_TASK_PUBLISH_RETRY = False

# API ---------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["integrations.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["integrations.authentication.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["openpost.api.rates.RatePerKey"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["openpost.api.parsers.StrictJSONParser"],
    "EXCEPTION_HANDLER": "openpost.api.handler.handle",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,  # ?format=xml is a parameter we do not know, not a page that does not exist
}
#: What the rooms say of their addresses, for /v1/openapi.json and /docs.
API_DESCRIPTIONS = [
    "posts.api.schema.DESCRIPTION",
    "publishing.api.schema.DESCRIPTION",
    "integrations.api.schema.DESCRIPTION",
    "openpost.api.openapi.own.DESCRIPTION",
]
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "OpenPost",
    "DESCRIPTION": "Takes a post once and makes it live on every social platform it is meant for, at its time, exactly "
    "once. Send `Authorization: Bearer <key>` with every request; a key belongs to one workspace.",
    "VERSION": "1.0.0",
    "SERVERS": [{"url": "/"}],
    "POSTPROCESSING_HOOKS": [],
    "SORT_OPERATIONS": False,
}
#: Requests a minute that one key may make; 0 means as many as it likes.
API_RATE_LIMIT = read(env.int, "API_RATE_LIMIT", 300)
if API_RATE_LIMIT < 0:
    stop("API_RATE_LIMIT must be 0 or more.")
API_MAX_BODY = bounds.API_MAX_BODY
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

# Addresses that somebody gave us (fetching.py) ---------------------------------------------------------------------

#: Certificates of authorities to believe instead of the usual ones: a file's path.
FETCH_CA_BUNDLE = read(env.str, "FETCH_CA_BUNDLE", "")
#: For tests, whose servers are on this machine.
FETCH_FROM_LOOPBACK = read(env.bool, "FETCH_FROM_LOOPBACK", False)
if FETCH_FROM_LOOPBACK and not DEBUG:
    stop("FETCH_FROM_LOOPBACK is for tests and opens this machine's own services; unset it, or set DEBUG=1.")

#: Servers of a platform that people name, as Bluesky's may be: on this machine only while developing.
SERVICES_ON_LOOPBACK = DEBUG

# What other programs are told ----------------------------------------------------------------------------------------

#: In development receivers may be on this machine and speak plain http, so that a newcomer can try it.
WEBHOOKS_TO_LOOPBACK = DEBUG
#: For how long `GET /v1/events` and the log of deliveries go back.
EVENTS_KEPT_DAYS = read(env.int, "EVENTS_KEPT_DAYS", 30)
if EVENTS_KEPT_DAYS < 4:
    stop("EVENTS_KEPT_DAYS must be at least 4: a webhook may fail for three days until it is disabled.")

# How long things are kept -------------------------------------------------------------------------------------------

#: Days that attempts, steps and events of posts that have ended are kept; 0 keeps them for ever.
HISTORY_KEPT_DAYS = read(env.int, "HISTORY_KEPT_DAYS", 365)
if HISTORY_KEPT_DAYS and HISTORY_KEPT_DAYS < 7:
    stop("HISTORY_KEPT_DAYS must be at least 7, or 0 for ever.")
#: Days after which a file goes that stands in no post (any more); 0 keeps it for ever.
UNUSED_MEDIA_KEPT_DAYS = read(env.int, "UNUSED_MEDIA_KEPT_DAYS", 0)
if UNUSED_MEDIA_KEPT_DAYS < 0:
    stop("UNUSED_MEDIA_KEPT_DAYS must be 1 or more, or 0 for ever.")

# Platforms: every address is a setting, so that tests can point it at loopback ---------------------------------------

X_API_URL = read(env.str, "X_API_URL", "https://api.x.com").rstrip("/")
X_AUTHORIZE_URL = read(env.str, "X_AUTHORIZE_URL", "https://x.com/i/oauth2/authorize")
X_CLIENT_ID = read(env.str, "X_CLIENT_ID", "")
X_CLIENT_SECRET = read(env.str, "X_CLIENT_SECRET", "")
BLUESKY_VIDEO_URL = read(env.str, "BLUESKY_VIDEO_URL", "https://video.bsky.app").rstrip("/")

# Files -------------------------------------------------------------------------------------------------------------

#: Where files are kept when no S3 is named, and where uploads wait until they have been looked at, in any case.
MEDIA_ROOT = Path(read(env.str, "MEDIA_ROOT", str((HOME if DEBUG else BASE_DIR / ".openpost") / "media")))
#: Says that every machine that runs OpenPost sees the same MEDIA_ROOT, or that there is only one.
MEDIA_ROOT_IS_SHARED = read(env.bool, "MEDIA_ROOT_IS_SHARED", DEBUG)
#: How long the link to a file is good, at the least.
MEDIA_LINK_HOURS = read(env.int, "MEDIA_LINK_HOURS", 24)
if not 1 <= MEDIA_LINK_HOURS <= 24 * 365:
    stop("MEDIA_LINK_HOURS must be from 1 to 8760.")
#: Files that one web process receives at a time, the others of its threads being for everybody else.
UPLOADS_AT_ONCE = read(env.int, "UPLOADS_AT_ONCE", 4)
if UPLOADS_AT_ONCE < 1:
    stop("UPLOADS_AT_ONCE must be 1 or more, and less than WEB_THREADS.")
#: MB (of 1,048,576 bytes) that the files of one workspace may have together; 0 is no bound.
MEDIA_QUOTA_MB = read(env.int, "MEDIA_QUOTA_MB", 0)
if MEDIA_QUOTA_MB < 0:
    stop("MEDIA_QUOTA_MB must be 0 (no bound) or more.")
# Not the system's own folder: that is often memory, and another disk than where files are kept.
FILE_UPLOAD_TEMP_DIR = MEDIA_ROOT / "incoming"
FILE_UPLOAD_HANDLERS = ["posts.media.receiving.BoundedHandler"]
STORE = s3()
STORAGES: dict[str, Any] = {
    "default": STORE or {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = DEBUG
# Looked for when they are asked for, not all at every start: a test client starts once per test.
WHITENOISE_AUTOREFRESH = DEBUG

# TLS ---------------------------------------------------------------------------------------------------------------

if not DEBUG:
    # The router in front ends TLS and says so in this header, as Heroku's does.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = read(env.bool, "SECURE_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^(health|ready)z$", r"^metrics$"]
    SECURE_HSTS_SECONDS = read(env.int, "SECURE_HSTS_SECONDS", 365 * 24 * 3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    # To be on the browsers' own list is for whoever owns the whole domain to ask: https://hstspreload.org
    SILENCED_SYSTEM_CHECKS = ["security.W021"]
