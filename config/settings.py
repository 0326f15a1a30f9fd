"""All settings, read from the environment. `.env.example` describes every variable."""

from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF

from config.schedule import CELERY_BEAT_SCHEDULE as CELERY_BEAT_SCHEDULE
from core.keys import check_keys, check_stripe, is_selling
from core.logs import configure_logging

BASE_DIR = Path(__file__).resolve().parent.parent

# FileAwareEnv also reads SECRET_KEY_FILE, DATABASE_URL_FILE and so on, so that
# secrets can be mounted as files instead of exposed as variables.
env = environ.FileAwareEnv()
env.read_env(BASE_DIR / ".env", overwrite=False)

# Core

# Stripped, because a file ends with a line break and would hold another key than a variable.
SECRET_KEY = env("SECRET_KEY").strip()
DEBUG = env.bool("DEBUG", default=False)
SITE_URL = env("SITE_URL", default="http://localhost:8000")
HTTPS = SITE_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) or [
    urlsplit(SITE_URL).hostname,
    *([] if HTTPS else ["localhost", "127.0.0.1"]),
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_THOUSAND_SEPARATOR = True
# Far above anything we take, so that who pastes ten megabytes is told so in place.
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

INSTALLED_APPS = [
    "core",
    "accounts",
    "organizations",
    "bindings",
    "projects",
    "billing",
    "claims",
    "onboarding",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.forms",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "rest_framework",
    "template_partials",
]

MIDDLEWARE = [
    "billing.webhooks.StraightToWebhooks",
    "billing.hot.StraightToEntitlements",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "core.context.ChannelMiddleware",
    "core.http.NullCharacterMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.second_factor.SecondFactorForStaff",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.http.DomainErrorMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "organizations.context.frame",
                "billing.context.billing",
                "accounts.context.bell",
                "core.support.support",
            ],
        },
    },
]

FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Data: PostgreSQL in production, SQLite when nothing else is named. SQLite in WAL
# mode alone loses writes to "database is locked"; immediate transactions do not.


def read_database() -> dict[str, Any]:
    database = env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var/mooring.sqlite3'}")
    # What the address asks for, such as sslmode=verify-full, comes first.
    options = database.setdefault("OPTIONS", {})
    if database["ENGINE"].endswith("sqlite3"):
        database["ENGINE"] = "core.sqlite"
        # Opening and closing the file takes several times as long as most requests ask of it.
        database["CONN_MAX_AGE"] = 600
        options |= {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # Recursive triggers, so that REPLACE can't slip past the triggers on DELETE.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            " PRAGMA recursive_triggers=ON;",
        }
    else:
        # A connection that the server closed meanwhile is found out before it is used.
        database["CONN_HEALTH_CHECKS"] = True
        options["pool"] = {
            "min_size": 1,
            "max_size": env.int("DATABASE_POOL_SIZE", default=16),
            "timeout": 30,
        }
    return database


DATABASES = {"default": read_database()}
REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "core.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 3, "socket_timeout": 3},
        "KEY_PREFIX": env("REDIS_PREFIX", default="mooring"),
    }
}

# Work for later: state lives in our tables, so no results are kept, and a task that
# a worker took to its grave is given to another one.

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 1800,
    "socket_connect_timeout": 3,
    "unacked_restore_throttle": 1,
    "global_keyprefix": env("REDIS_PREFIX", default="mooring") + ":",
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SOFT_TIME_LIMIT = 840
CELERY_TASK_TIME_LIMIT = 900
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Counting lines takes a processor and minutes: it must not keep anybody waiting for a check.
CELERY_TASK_ROUTES = {
    "projects.tasks.count_*": {"queue": "counting"},
    "onboarding.tasks.count_*": {"queue": "counting"},
    # Where whatever was left behind is.
    "projects.tasks.clear_leftovers": {"queue": "counting"},
}

# Secrets at rest. The first key encrypts; the rest still decrypt, so a key is
# rotated by putting the new one in front.

FERNET_KEYS = [key.strip() for key in env.list("FERNET_KEYS")]
check_keys(SECRET_KEY, FERNET_KEYS)

# Where an archive waits to be counted: 2 GB at most for each that is counted at once, or 4 GB where
# git fetched it. Empty: where the system keeps temporary files.

COUNTING_DIR = env("COUNTING_DIR", default="")

# Sign-in

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
# Whoever's sign-in changes hears of it, also at the address that was replaced.
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
MFA_ADAPTER = "accounts.mfa.EncryptingAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Mooring"
# Whether the admin opens only to who came in with one. Off is for trying things out.
STAFF_NEED_SECOND_FACTOR = env.bool("STAFF_NEED_SECOND_FACTOR", default=True)

# The outside world

AZURE_DEVOPS_URL = env("AZURE_DEVOPS_URL", default="https://dev.azure.com")
AZURE_DEVOPS_IDENTITY_URL = env(
    "AZURE_DEVOPS_IDENTITY_URL", default="https://app.vssps.visualstudio.com"
)
AZURE_DEVOPS_ENTITLEMENTS_URL = env(
    "AZURE_DEVOPS_ENTITLEMENTS_URL", default="https://vsaex.dev.azure.com"
)
# What STRIPE_API_URL defaults to is the real one; the mode is that of the key, test or live.
STRIPE_API_URL = env("STRIPE_API_URL", default="https://api.stripe.com")
STRIPE_SECRET_KEY = env("STRIPE_SECRET_KEY", default="").strip()
check_stripe(STRIPE_SECRET_KEY, STRIPE_API_URL)
# Any of them may have signed a webhook: a new one comes in before the old one goes.
STRIPE_WEBHOOK_SECRETS = [each.strip() for each in env.list("STRIPE_WEBHOOK_SECRETS", default=[])]
# How many members the plan has: what the organizations' room asks the room that knows.
MEMBER_LIMIT_OF = "billing.standing.member_limit"
# What each room does when an account is deleted, in the order in which rows are locked.
ACCOUNT_DELETION_STEPS = [
    "onboarding.departing.STEP",
    "organizations.departing.STEP",
    "claims.departing.STEP",
]
# What each room holds about a person, for them to take along.
PERSONAL_DATA = [
    "accounts.personal.PARTS",
    "organizations.personal.PARTS",
    "bindings.personal.PARTS",
    "projects.personal.PARTS",
    "billing.personal.PARTS",
    "claims.personal.PARTS",
    "onboarding.personal.PARTS",
]
# What other rooms do in the transaction that asks for an organization's deletion, or undoes it.
ORGANIZATION_STEPS = {
    "deletion_asked": [
        "claims.ending.end_claims",
        "bindings.slots.wipe_all",
        "projects.own_tokens.wipe_all",
        "billing.tasks.settle_soon",
    ],
    "deletion_undone": ["billing.tasks.settle_soon"],
}
# Whether somebody is about to get a key: what is asked before an organization changes its own.
KEY_IS_HELD = "onboarding.reserving.is_held"
# Off: nothing is sold, and everything is unlocked.
BILLING = is_selling(env("BILLING", default=""), has_key=bool(STRIPE_SECRET_KEY))
# For how long a failed payment takes nothing away.
BILLING_GRACE_DAYS = env.int("BILLING_GRACE_DAYS", default=7)
# Whether Stripe computes taxes; it has to be set up there first.
BILLING_AUTOMATIC_TAX = env.bool("BILLING_AUTOMATIC_TAX", default=False)
# For each answer of the mail server. Django would wait for ever, and a worker with it.
EMAIL_TIMEOUT = 10
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
# Every mail passes our own backend, which redacts it and hands it to the one just named.
EMAIL_DELIVERY_BACKEND, EMAIL_BACKEND = vars()["EMAIL_BACKEND"], "core.mail.RedactingBackend"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("FROM_EMAIL", default="Mooring <mooring@example.com>")
# Whom people write to when something is wrong; mails are answered there.
SUPPORT_CONTACT = env("SUPPORT_CONTACT", default=parseaddr(DEFAULT_FROM_EMAIL)[1])
# Who wants Enterprise writes to it.
BILLING_CONTACT = env("BILLING_CONTACT", default=parseaddr(DEFAULT_FROM_EMAIL)[1])

# Lost access

# For how long owners may object before a claim is decided.
CLAIM_WAITING_DAYS = env.int("CLAIM_WAITING_DAYS", default=7)
# Where support's office is; it works there from Monday to Friday, nine to five.
SUPPORT_TIME_ZONE = env("SUPPORT_TIME_ZONE", default="UTC")
# What knows of addresses to tell besides the owners': each is given an organization's id.
CLAIM_CONTACTS = ["billing.contacts.addresses_of"]
# What support sees of who pays for a claimed organization.
CLAIM_PAYER = "billing.screens.payer"

# The browser

CSRF_TRUSTED_ORIGINS = [SITE_URL]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_NAME = "mooring_session"
CSRF_COOKIE_NAME = "mooring_csrf"
CSRF_FAILURE_VIEW = "core.http.csrf_failure"
SESSION_COOKIE_AGE = 14 * 24 * 3600
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Hashing and compressing belong to the image build; from a clone files are served as they are.
HASHED_STATIC = env.bool("HASHED_STATIC", default=False)
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = not HASHED_STATIC
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if HASHED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

# The API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.ApiTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.authentication.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.parsing.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["core.throttling.TokenThrottle"],
    "EXCEPTION_HANDLER": "core.http.problem_from_exception",
    "NUM_PROXIES": env.int("TRUSTED_PROXY_COUNT", default=0),
}
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=600)
SPECTACULAR_SETTINGS = {
    "TITLE": "Mooring",
    "DESCRIPTION": "Import an Azure DevOps organization and keep its access token healthy.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "PlanEnum": "billing.models.Plan",
        "PlanOrUnlimitedEnum": "billing.serializers.PLANS",
    },
}

DJANGO_STRUCTLOG_CELERY_ENABLED = True
DEFAULT_EXCEPTION_REPORTER = "core.reports.RedactingReporter"
LOGGING_CONFIG = None
configure_logging(
    json=env.bool("LOG_JSON", default=not DEBUG), level=env("LOG_LEVEL", default="INFO")
)
