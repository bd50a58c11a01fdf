"""Settings of the local web app: one person, one machine, no network.

Everything that a person keeps lies in the data folder; the program folder is never written to.
"""

from __future__ import annotations

from pathlib import Path

from django.utils.csp import CSP

from steeliq.paths import data_folder, database_file
from steeliq.webui.core.names import cookie_name, secret_key

HERE = Path(__file__).resolve().parent
DATA = data_folder()

SECRET_KEY = secret_key(DATA)
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost"]
ROOT_URLCONF = "steeliq.webui.urls"
WSGI_APPLICATION = "steeliq.webui.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
APPEND_SLASH = True

INSTALLED_APPS = [
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_tasks_db",
    "steeliq.webui.core",
    "steeliq.webui.runs",
    "steeliq.webui.scenarios",
    "steeliq.webui.ensembles",
    "steeliq.webui.searches",
    "steeliq.webui.data",
    "steeliq.webui.explore",
    "steeliq.webui.compare",
    "steeliq.webui.storage",
    "steeliq.webui.guide",
    "steeliq.webui.shell",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.common.CommonMiddleware",  # refuses other hosts
    "steeliq.webui.core.security.OnlyThisBrowser",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "steeliq.webui.core.context.everywhere",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": database_file(),
        "OPTIONS": {
            # IMMEDIATE: a transaction that will write takes the lock at once, so that waiting for it always works.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # The journal mode is the file's own: core/database.py sets it at the start and reads it back.
            "init_command": "PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
    }
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

STATIC_URL = "/static/"
COLLECTED = HERE / "collected"  # made when a kit is built; a checkout serves from the packages
STATIC_ROOT = COLLECTED if COLLECTED.is_dir() else None
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "steeliq.webui.core.vendor.PackagedScripts",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {  # collected files bear the hash of their content in their names, so browsers keep them for ever
        "BACKEND": f"django.contrib.staticfiles.storage.{'Manifest' if STATIC_ROOT else ''}StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_AUTOREFRESH = False

CSRF_COOKIE_NAME = cookie_name() + "_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "steeliq.webui.core.views.refused_post"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],  # Plotly sets inline styles on the charts it draws
    "img-src": [CSP.SELF, "data:", "blob:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}

FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 20_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
LOGGING_CONFIG = None  # each process keeps its log by steeliq.logs, before any of this is read
