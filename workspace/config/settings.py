"""Django's settings. Every value that an operator may set comes from the environment; docs/operations.md lists them."""

from pathlib import Path
from urllib.parse import urlsplit

from workspace.common import environment, logs
from workspace.common.mail import MailServer
from workspace.config.databases import database

BASE_DIR = Path(__file__).resolve().parent.parent.parent
ATRIUM_HOME = Path(environment.text("ATRIUM_HOME", str(BASE_DIR / ".atrium")))

SECRET_KEY = environment.required("SECRET_KEY")
# The local key management key: 32 bytes in URL-safe base64.
ATRIUM_KEY = environment.required("ATRIUM_KEY")
ATRIUM_URL = environment.text("ATRIUM_URL", f"http://localhost:{environment.number('ATRIUM_PORT', 8000)}").rstrip("/")
ATRIUM_ROLE = environment.text("ATRIUM_ROLE", "web")

DATABASES = {"default": database(ATRIUM_ROLE, SECRET_KEY)}
if ATRIUM_ROLE != "owner":
    # One worker process does both kinds of work, so what the clock is due to do has an alias of its own.
    DATABASES["sweep"] = database("sweep", SECRET_KEY)
REDIS_URL = environment.text("REDIS_URL", "redis://127.0.0.1:6379/0")

# Seconds between two sweeps of the worker.
SWEEP_EVERY = environment.seconds("ATRIUM_SWEEP_EVERY", 10)

DEBUG = False
_public = urlsplit(ATRIUM_URL)
ALLOWED_HOSTS = [_public.hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [ATRIUM_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _public.scheme == "https"
SESSION_COOKIE_NAME = "atrium_session"
CSRF_COOKIE_NAME = "atrium_csrf"
SESSION_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if SESSION_COOKIE_SECURE else 0

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "workspace.common",
    "workspace.accounts",
    "allauth",  # below accounts, whose templates replace its own
    "allauth.account",
    "compliance",
    "inference",
    "workspace.runs",
    "workspace.chat",
    "workspace.web",
    "workspace.config",
]
MIDDLEWARE = [
    "workspace.common.middleware.compressed",
    "workspace.common.middleware.request_identity",
    "workspace.common.middleware.content_guarded",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "workspace.accounts.middleware.preferences_followed",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "workspace.common.middleware.ErrorsTold",
]
ROOT_URLCONF = "workspace.config.urls"
ASGI_APPLICATION = "workspace.config.asgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "workspace.accounts.preferences.shown_theme",
            ]
        },
    }
]

_mail = MailServer.named(environment.text("EMAIL_URL"))
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend" if _mail.host else "workspace.common.outbox.Outbox"
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.is_tls, _mail.is_starttls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = environment.text("EMAIL_FROM", f"Atrium <atrium@{_public.hostname or 'localhost'}>")

CSRF_FAILURE_VIEW = "workspace.common.views.csrf_failed"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["workspace.accounts.authentication.Credentials"],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_PARSER_CLASSES": ["workspace.common.media.JsonParser"],
    "DEFAULT_RENDERER_CLASSES": ["workspace.common.media.JsonRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "workspace.common.media.OnlyJson",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "workspace.common.problems.handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Atrium",
    "VERSION": "1",
    "DESCRIPTION": (
        "Everything that the pages do with chats, for programs. Send an access token in each request, as "
        "`Authorization: Bearer TOKEN`; one is made under [Account, Access tokens](/account/tokens). A question is "
        "posted to a conversation and makes a turn; the answer comes as server-sent events of that turn, and after a "
        "break they go on behind `Last-Event-ID`. Errors are problem objects (RFC 9457) with a stable `code`. "
        "[Back to the workspace](/)"
    ),
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["workspace.chat.openapi.with_events", "workspace.config.openapi.common_parts"],
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "workspace.accounts.adapters.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_FORMS = {"login": "workspace.accounts.door_forms.SignInForm"}
# Seconds that the link to a new password works.
PASSWORD_RESET_TIMEOUT = 3600
# Counters of failed sign-ins, shared by all processes.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "workspace.accounts.passwords.UncommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
LANGUAGE_COOKIE_NAME = "atrium_language"
LANGUAGES = [("en", "English"), ("ja", "日本語")]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STORAGES = {"staticfiles": {"BACKEND": "workspace.config.static_files.Versioned"}}
LOGGING = logs.configuration("INFO")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
