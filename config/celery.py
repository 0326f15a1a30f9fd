"""The Celery application. Workers and the scheduler start from here."""

import os
from typing import Any

from celery import Celery
from celery.signals import before_task_publish, setup_logging
from django_structlog.celery.steps import DjangoStructLogInitStep

from core.redaction import redact

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("mooring")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


@setup_logging.connect
def keep_our_logging(**kwargs: object) -> None:
    """Django's settings have set logging up; Celery would replace it."""


@before_task_publish.connect
def redact_arguments(headers: dict[str, Any], **kwargs: object) -> None:
    """Tasks get ids only. One that gets more by mistake doesn't tell it to logs and monitors."""
    for name in {"argsrepr", "kwargsrepr"} & set(headers):
        headers[name] = redact(headers[name])
