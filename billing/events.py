"""What Stripe told us of: kept once, and handled by asking for the latest.

An event says that something changed, and no more. Which account it is about decides whose copy is
made new, so that events may come late, twice and in any order.
"""

import random
import re
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.utils import timezone

from billing import owning, stripe_api
from billing.errors import AccountBusy, StripeKeyRefused, StripeSilent, WebhookRefused
from billing.models import StripeEvent
from billing.syncing import sync_account
from billing.turns import account_turn
from core.redaction import redact
from core.rows import insert_unless_there

logger = structlog.get_logger(__name__)

# Until an account is free, in seconds.
BUSY = 2.0
FIRST_DELAY, LONGEST_DELAY = 5.0, 3600.0
# With these delays, about a day.
ATTEMPTS = 30
LONGEST_ERROR = 8000
MOST_PUT_BACK = 500
# Somebody of ours has to look at these, whatever the copy says.
ALARMING = ("charge.dispute.created", "invoice.finalization_failed")
# Queued when it came; the sweep looks only for what must have been lost since.
PATIENCE = timedelta(minutes=1)
_END_OF_TIME = 2**36
_IDENTIFIER = re.compile(r"evt_\w{1,250}", re.ASCII)


def read_event(said: Mapping[str, Any]) -> StripeEvent:
    """The row for an event as Stripe tells it. Raises WebhookRefused for what is no event."""
    identifier, kind, created = said.get("id"), said.get("type"), said.get("created")
    if not (_IDENTIFIER.fullmatch(str(identifier)) and isinstance(kind, str)):
        raise WebhookRefused("no-event")
    if not (isinstance(created, int) and 0 <= created < _END_OF_TIME):
        raise WebhookRefused("no-event")
    thing = _dictionary(_dictionary(said.get("data")).get("object"))
    is_live = said.get("livemode") is True
    is_ours = is_live == stripe_api.is_live()
    return StripeEvent(
        stripe_id=str(identifier),
        type=_text(kind, 100),
        object_id=_text(thing.get("id"), 255),
        customer_id=_customer_of(thing),
        is_live=is_live,
        api_version=_text(said.get("api_version"), 40),
        created_at=datetime.fromtimestamp(created, UTC),
        state=StripeEvent.State.WAITING if is_ours else StripeEvent.State.IGNORED,
        error="" if is_ours else "Of the other mode, test or live.",
    )


def _dictionary(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _customer_of(thing: Mapping[str, Any]) -> str:
    if thing.get("object") == "customer":
        return _text(thing.get("id"), 255)
    customer = thing.get("customer")
    return _text(customer.get("id") if isinstance(customer, dict) else customer, 255)


def _text(value: object, longest: int) -> str:
    return value.replace("\0", "")[:longest] if isinstance(value, str) else ""


def keep_event(event: StripeEvent) -> bool:
    """Store an event, in one statement. Whether there is something to do that was not before."""
    if not insert_unless_there(event):
        return False
    if event.state == StripeEvent.State.IGNORED:
        logger.error("stripe_event_of_other_mode", type=event.type, live=event.is_live)
        return False
    if event.type in ALARMING:
        logger.error("stripe_needs_somebody", type=event.type, about=event.object_id)
    if event.api_version and event.api_version != stripe_api.VERSION:
        logger.warning("stripe_event_of_other_version", version=event.api_version)
    return True


def handle_event(event_id: str) -> float | None:
    """Act on an event. Returns in how many seconds to try again, if at all."""
    event = _waiting(event_id)
    if event is None:
        return None
    try:
        _handle(event)
    except AccountBusy:
        return BUSY
    except StripeSilent as silence:
        return _put_off(event, silence.message)
    except StripeKeyRefused as refusal:
        # Once somebody has put in another one, nothing is lost.
        logger.error("stripe_key_refused", event_id=event.pk)
        return _put_off(event, refusal.message)
    except Exception:
        logger.exception("stripe_event_broke", event_id=event.pk, type=event.type)
        return _put_off(event, redact(traceback.format_exc())[-LONGEST_ERROR:])
    return None


def _waiting(event_id: str) -> StripeEvent | None:
    """That one. Where others did it along with theirs, one of the same customer that came since:
    it was not queued, because this one was.
    """
    waiting = StripeEvent.objects.waiting()
    if event := waiting.filter(pk=event_id).first():
        return event
    customers = StripeEvent.objects.filter(pk=event_id).exclude(customer_id="")
    same = waiting.filter(customer_id__in=customers.values("customer_id"))
    return same.order_by("received_at").first()


def _handle(event: StripeEvent) -> None:
    account_id = event.account_id or owning.account_of(event)
    if account_id is None:
        _end(event, StripeEvent.State.IGNORED)
        return
    with account_turn(account_id) as account:
        # Only now: whoever has the turn may be about to write this event, with the account locked.
        StripeEvent.objects.filter(pk=event.pk).update(account=account)
        # Whoever had the turn before may have done this one along with others.
        if StripeEvent.objects.waiting_for(account).exists():
            sync_account(account)


def _put_off(event: StripeEvent, error: str) -> float | None:
    attempts = event.attempts + 1
    if attempts >= ATTEMPTS:
        logger.error("stripe_event_failed", event_id=event.pk, type=event.type)
        _give_up(event, error)
        return None
    delay = min(FIRST_DELAY * 2**event.attempts, LONGEST_DELAY) * random.uniform(1, 1.3)  # noqa: S311
    next_attempt_at = timezone.now() + timedelta(seconds=delay)
    StripeEvent.objects.waiting().filter(pk=event.pk).update(
        attempts=attempts, next_attempt_at=next_attempt_at, error=error
    )
    return delay


def _give_up(event: StripeEvent, error: str) -> None:
    _end(event, StripeEvent.State.FAILED, error=error, attempts=event.attempts + 1)


def _end(event: StripeEvent, state: StripeEvent.State, **values: Any) -> None:
    ended = {**values, "state": state, "done_at": timezone.now()}
    StripeEvent.objects.waiting().filter(pk=event.pk).update(**ended)


def replay_event(event: StripeEvent) -> None:
    """Have an event handled once more, whatever became of it. Its task is the caller's to queue."""
    StripeEvent.objects.filter(pk=event.pk).update(
        state=StripeEvent.State.WAITING, attempts=0, next_attempt_at=timezone.now(), done_at=None
    )


def put_back_failed(since: datetime) -> list[StripeEvent]:
    """Those that came since and were given up, with one attempt left. For their tasks to queue."""
    failed = StripeEvent.objects.filter(
        state=StripeEvent.State.FAILED, received_at__gt=since, is_live=stripe_api.is_live()
    )
    ids = list(failed.order_by("done_at").values_list("pk", flat=True)[:MOST_PUT_BACK])
    waiting = {"state": StripeEvent.State.WAITING, "next_attempt_at": timezone.now()}
    failed.filter(pk__in=ids).update(**waiting, attempts=ATTEMPTS - 1, done_at=None)
    return list(StripeEvent.objects.waiting().filter(pk__in=ids))


def forgotten_events() -> list[str]:
    """Those that wait though their time has come, the oldest first."""
    waiting = StripeEvent.objects.waiting().filter(next_attempt_at__lt=timezone.now() - PATIENCE)
    return list(waiting.order_by("next_attempt_at").values_list("pk", flat=True)[:500])
