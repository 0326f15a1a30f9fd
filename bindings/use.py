"""Using the token of a binding: the one way in which the product asks the platform something.

A token may be replaced, or die, while it is used. Then the same is asked once more with the
one that is in use by now, so that nobody notices a replacement; and a refusal brings the
next verification forward.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.utils import timezone

from bindings import incidents, slots
from bindings.models import PersonalAccessToken
from bindings.platforms import open_azure
from bindings.providers.azure import AzureDevOps
from bindings.providers.base import Refused
from bindings.tasks import sweep_tokens
from bindings.verdicts import ABOUT_THE_TOKEN
from core.queue import queue_on_commit

Found = TypeVar("Found")

PAUSE = timedelta(minutes=5)


def use_token(binding_id: uuid.UUID, ask: Callable[[AzureDevOps], Found]) -> Found:
    """What `ask` finds out with the token in use. Raises Refused, NoAnswer, SecretUnreadable
    and PersonalAccessToken.DoesNotExist. `ask` may run twice.
    """
    token = _in_use(binding_id)
    try:
        return _ask(token, ask)
    except Refused as refusal:
        other = _another(token) if refusal.verdict in ABOUT_THE_TOKEN else None
        if other is None:
            raise
    return _ask(other, ask)


def _ask(token: PersonalAccessToken, ask: Callable[[AzureDevOps], Found]) -> Found:
    try:
        return ask(_open(token))
    except Refused:
        note_refusal(token)
        raise


def note_refusal(token: PersonalAccessToken) -> None:
    """Something used the token and failed: look at it now, and not tomorrow. Where we asked a
    moment ago, a little later: who fails a hundred times a second makes no hundred looks.
    """
    now = timezone.now()
    # A clock that was set back leaves times to come.
    asked_at = min(token.asked_at or now - PAUSE, now)
    due = max(now, asked_at + PAUSE)
    known = PersonalAccessToken.objects.filter(pk=token.pk)
    known.update(failed_at=now)
    # Whoever looks at it just now finds `failed_at` changed, and comes back.
    if known.filter(next_check_at__gt=due).update(next_check_at=due) and due == now:
        queue_on_commit(sweep_tokens)


def _another(token: PersonalAccessToken) -> PersonalAccessToken | None:
    """The token that is in use by now, or the healthy one that waits for this moment."""
    current = _in_use(token.binding_id)
    if current.pk != token.pk:
        return current
    # While the platform has trouble, its refusals say nothing of the token.
    if incidents.is_open():
        return None
    standby = PersonalAccessToken.objects.standing_by().filter(binding=token.binding_id).first()
    if standby:
        slots.promote(standby, by=None, reason="failover")
    current = _in_use(token.binding_id)
    return current if current.pk != token.pk else None


def _in_use(binding_id: uuid.UUID) -> PersonalAccessToken:
    tokens = PersonalAccessToken.objects.in_use().select_related("binding")
    return tokens.get(binding=binding_id)


def _open(token: PersonalAccessToken) -> AzureDevOps:
    return open_azure(token.binding.external_name, token.secret.reveal(token))
