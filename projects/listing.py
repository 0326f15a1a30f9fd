"""The list of an organization's repositories, once a day: new ones may become projects."""

import uuid
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from bindings.inventory import repository_row, store_repositories
from bindings.models import DevOpsBinding, PersonalAccessToken
from bindings.providers.base import Inventory, NoAnswer, Refused
from bindings.use import use_token
from core.secrets import SecretUnreadable

logger = structlog.get_logger(__name__)

EVERY, AFTER_FAILURE = timedelta(hours=24), timedelta(hours=1)


def due() -> QuerySet[DevOpsBinding]:
    """Organizations whose list is a day old, or of a time to come, by a clock that was."""
    now = timezone.now()
    is_old = Q(listed_at__lt=now - EVERY) | Q(listed_at__gt=now + AFTER_FAILURE)
    return DevOpsBinding.objects.filter(is_old)


def list_repositories(binding_id: uuid.UUID) -> None:
    """Make our list what the platform's is. Of two workers, one does; without an answer, or where
    that one dies, the list stays, and is asked for again within the hour.
    """
    again = timezone.now() - EVERY + AFTER_FAILURE
    if not due().filter(pk=binding_id).update(listed_at=again):
        return
    try:
        inventory: Inventory = use_token(binding_id, lambda platform: platform.inventory())
    except (Refused, NoAnswer, SecretUnreadable, PersonalAccessToken.DoesNotExist) as failure:
        logger.info("repositories_not_listed", binding=str(binding_id), why=str(failure))
        return
    with transaction.atomic():
        binding = DevOpsBinding.objects.filter(pk=binding_id).first()
        if binding:
            store_repositories(binding, [repository_row(each) for each in inventory.repositories])
            DevOpsBinding.objects.filter(pk=binding_id).update(listed_at=timezone.now())
