"""What bindings do later, and again and again."""

import uuid

from celery import shared_task
from django.utils import timezone

from bindings import expiry, history, incidents, slots, sweeping, unreadable
from bindings.models import PersonalAccessToken
from core import places

# A sweep works for about as long as it is until the next one.
SECONDS = 20.0
MOST_SWEEPERS = 4
SWEEPERS = [f"sweeper-{number}" for number in range(MOST_SWEEPERS)]


@shared_task
def watch_tokens() -> None:
    """Every half minute: send as many sweepers as there is work for."""
    incidents.watch()
    due = PersonalAccessToken.objects.due(timezone.now())
    enough = MOST_SWEEPERS * sweeping.BATCH
    waiting = len(due.values_list("pk")[:enough])
    for _ in range(-(-waiting // sweeping.BATCH)):
        sweep_tokens.apply_async(expires=30)


@shared_task
def sweep_tokens() -> None:
    """Verify what is due. Only so many run at once, lest slow ones keep workers from all else:
    one more leaves the work to those, and to whoever is sent in half a minute.
    """
    me = uuid.uuid4().hex
    if not places.take(SWEEPERS, me):
        return
    try:
        sweeping.sweep(seconds=SECONDS)
    finally:
        places.give_back(me)


@shared_task
def give_notice() -> None:
    """Tell owners what is about to expire, and whose account is about to be forgotten."""
    expiry.give_notice()
    expiry.give_notice_of_absence()


@shared_task
def recover_tokens() -> None:
    """Put tokens back to work whose ciphertext opens again."""
    unreadable.recover()


@shared_task
def wipe_previous_tokens() -> None:
    """A replaced token can be brought back for a day, a refused one seen for a week."""
    slots.wipe_leftovers()


@shared_task
def thin_history() -> None:
    """Keep 400 days of verifications, one a day past the first month."""
    history.thin_out()
