"""Finding what nobody told us: events that never came, and copies that have gone wrong."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import structlog
from django.core.cache import cache
from django.utils import timezone

from billing import health, owning, stripe_api
from billing.endpoints import EVENTS
from billing.errors import AccountBusy, StripeKeyRefused, StripeSilent
from billing.events import keep_event, put_back_failed, read_event
from billing.models import BillingAccount, StripeEvent, Subscription
from billing.stripe_api import Answer, identifier
from billing.subscriptions import EXPAND, differs
from billing.syncing import sync_account
from billing.turns import account_turn
from core import leases

logger = structlog.get_logger(__name__)

# Of events, Stripe keeps so much. What is older shows in the subscriptions themselves.
KEPT_THERE = timedelta(days=29)
# Events are listed by when they were made, may be a little late in the list, and clocks differ.
OVERLAP = timedelta(hours=2)
# What is younger may still be on its way to us.
LATE = timedelta(minutes=10)
# Forgotten with the cache, it costs one look at all of them.
SEEN_UNTIL = "stripe-events-seen-until"
# So many types may be named at once.
MOST_TYPES = 20
AT_ONCE = 500
# Until one that could not be synced is tried again.
SILENCE = timedelta(minutes=10)


def sync_wanted(account_id: uuid.UUID) -> float | None:
    """Sync one account. Returns in how many seconds to try again, if at all."""
    began = timezone.now()
    try:
        with account_turn(account_id) as account:
            sync_account(account)
    except AccountBusy:
        return 2.0 if BillingAccount.objects.filter(pk=account_id).exists() else None
    except (StripeSilent, StripeKeyRefused):
        logger.info("sync_put_off", account=str(account_id))
    except Exception:
        logger.exception("sync_broke", account=str(account_id))
    # What this did not meet, for whatever reason, is in no other account's way.
    unmet = BillingAccount.objects.filter(pk=account_id, wanted_at__lte=began)
    unmet.update(wanted_at=timezone.now() + SILENCE)
    return None


def want_sync(accounts: Iterable[uuid.UUID]) -> None:
    """Have them synced soon, by the sweep."""
    wanted = list(accounts)
    for start in range(0, len(wanted), AT_ONCE):
        some = BillingAccount.objects.filter(pk__in=wanted[start : start + AT_ONCE])
        some.update(wanted_at=timezone.now())


def wanted_accounts() -> list[uuid.UUID]:
    """Those that are to be synced by now, longest waiting first."""
    wanted = BillingAccount.objects.filter(leases.due("wanted_at")).order_by("wanted_at")
    return list(wanted.values_list("pk", flat=True)[:AT_ONCE])


def find_missed_events() -> list[StripeEvent]:
    """Events that Stripe has and we were never told of, as new rows to be handled; and those whose
    handling was given up, for one more attempt: what was broken may be mended by now.
    """
    began = timezone.now()
    since = cache.get(SEEN_UNTIL) or began - KEPT_THERE
    missed = [event for event in _told_since(since) if keep_event(event)]
    cache.set(SEEN_UNTIL, began - OVERLAP, timeout=None)
    health.note_key(works=True)
    if missed:
        logger.warning("stripe_events_missed", count=len(missed))
        _note_silence(missed, began)
    return [*missed, *put_back_failed(began - KEPT_THERE)]


def _told_since(since: datetime) -> Iterator[StripeEvent]:
    """What Stripe says by webhooks, as it lists it."""
    for start in range(0, len(EVENTS), MOST_TYPES):
        yield from map(read_event, _listed(EVENTS[start : start + MOST_TYPES], since))


def _listed(types: Sequence[str], since: datetime) -> Iterator[Answer]:
    created = {"gte": int(since.timestamp())}
    params = {"created": created, "types": list(types), "limit": 100}
    return stripe_api.every(lambda v1: v1.events.list(params))


def _note_silence(missed: list[StripeEvent], began: datetime) -> None:
    """A webhook that was good since shows that ours are, whatever became of the others."""
    late = [event.created_at for event in missed if event.created_at < began - LATE]
    if late and not StripeEvent.objects.filter(received_at__range=(min(late), began)).exists():
        health.note_missed()


def find_differences() -> int:
    """Have every account synced whose subscriptions are not what Stripe has. How many."""
    params = {"status": "all", "limit": 100, "expand": EXPAND}
    there, differing = set(), set()
    for said in stripe_api.every(lambda v1: v1.subscriptions.list(params)):
        there.add(said["id"])
        owning.adopt(said)
        customer = identifier(said["customer"])
        for account in BillingAccount.objects.exclude(customer_id="").filter(customer_id=customer):
            if differs(account, said):
                differing.add(account.pk)
    differing |= _with_more_than(there)
    want_sync(differing)
    health.note_key(works=True)
    if differing:
        logger.warning("billing_copies_differ", count=len(differing))
    return len(differing)


def _with_more_than(there: set[str]) -> set[uuid.UUID]:
    """Accounts with a live copy of what Stripe does not have."""
    copies = Subscription.objects.live().exclude(account__customer_id="")
    known = copies.values_list("account", "stripe_id").iterator()
    return {account for account, stripe_id in known if stripe_id not in there}
