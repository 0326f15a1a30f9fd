"""Deleting an account: at once, for good, and never where somebody would be left without an owner.

What there is to end in the rooms above this one, they know themselves. `ACCOUNT_DELETION_STEPS`
names a `Step` of each.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.db import models, transaction
from django.db.models import ProtectedError
from django.utils.module_loading import import_string

from accounts import tasks
from accounts.errors import AccountNeeded, StaffStays
from accounts.models import Farewell, User
from core.queue import queue_on_commit

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Obstacle:
    """What still needs an account: a sentence, and ways out as pairs of label and path."""

    text: str
    ways: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Step:
    """A room's part, in one transaction with all others. None of the three asks the network.

    `hold` locks what `obstacles` looks at, so that of two who look at once one sees what the
    other did; `end` ends what is theirs. Either may raise a DomainError, and nothing is deleted.
    """

    hold: Callable[[User], None]
    obstacles: Callable[[User], list[Obstacle]]
    end: Callable[[User], None]


def obstacles_of(user: User) -> list[Obstacle]:
    return [obstacle for step in _steps() for obstacle in step.obstacles(user)]


@transaction.atomic(durable=True)
def delete_account(user: User) -> None:
    """Delete an account and what is only theirs, and have it confirmed by mail. Twice is as once.

    Raises StaffStays and AccountNeeded.
    """
    for step in _steps():
        step.hold(user)
    # Last, as whoever lets somebody in has the organization first and this row at the commit.
    locked = User.objects.select_for_update().filter(pk=user.pk, is_active=True).first()
    if locked is None:  # gone already, by a second tab or a second click
        return
    if locked.is_staff:
        raise StaffStays
    if obstacles_of(locked):
        raise AccountNeeded
    for step in _steps():
        step.end(locked)
    Farewell.objects.create(email=locked.email)
    _remove(locked)
    queue_on_commit(tasks.send_farewells)


def _steps() -> list[Step]:
    return [import_string(path) for path in settings.ACCOUNT_DELETION_STEPS]


def _remove(user: User) -> None:
    """With all that goes with it. Where a record has to say whose it is, the bare row stays."""
    for relation in _relations():
        rows = relation.related_model._base_manager.filter(**{relation.field.name: user})
        if relation.on_delete is models.CASCADE:
            rows.delete()
        elif relation.on_delete is models.SET_NULL:
            rows.update(**{relation.field.name: None})
    user_id = str(user.pk)
    try:
        user.delete()
    except ProtectedError:
        _make_nameless(user)
        logger.info("account_made_nameless", user_id=user_id)
    else:
        logger.info("account_deleted", user_id=user_id)


def _relations() -> Iterator[Any]:
    """All that points to a person, in whatever room."""
    for field in User._meta.get_fields(include_hidden=True):
        if isinstance(field, models.ForeignObjectRel) and not field.many_to_many:
            yield field


def _make_nameless(user: User) -> None:
    user.email = f"deleted-{user.pk.hex}@example.invalid"  # a domain that nobody can have
    user.first_name = user.last_name = ""
    user.is_active = False
    user.last_login = user.mail_failing_since = None
    user.set_unusable_password()
    user.save()
