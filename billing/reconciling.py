"""Finding what nobody told us: events that never came, and copies that have gone wrong."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta

import structlog
from django.core.cache import cache
from django.utils import timezone

from billing import health, owning, stripe_api
from billing.errors import AccountBusy, StripeKeyRefused, StripeSilent
from billing.events import keep_event, read_event
from billing.models import BillingAccount, StripeEvent, Subscription
from billing.stripe_api import Answer, identifier
from billing.syncing import sync_account
from billing.turns import account_turn
from core import leases

logger = structlog.get_logger(__name__)

# Of events, Stripe keeps so much. What is older shows in the subscriptions themselves.
KEPT_THERE = timedelta(days=29)
# Events are listed by when they were made, may be a little late in the list, and clocks differ.
OVERLAP = timedelta(hours=2)
# Forgotten with the cache, it costs one look at all of them.
SEEN_UNTIL = "stripe-events-seen-until"
# So many may be named at once. Whatever else happens, one of these happens with it.
TYPES = [
    *(
        f"checkout.session.{each}"
        for each in ("completed", "expired", "async_payment_succeeded", "async_payment_failed")
    ),
    *(
        f"customer.subscription.{each}"
        for each in ("created", "updated", "deleted", "trial_will_end", "pending_update_expired")
    ),
    *(
        f"invoice.{each}"
        for each in (
            "paid", "payment_failed", "payment_action_required", "finalization_failed", "voided",
            "marked_uncollectible",
        )
    ),
    "customer.updated", "customer.deleted", "charge.refunded", "charge.dispute.created",
    "subscription_schedule.updated",
]  # fmt: skip
AT_ONCE = 500
# Until one that Stripe said nothing about is tried again.
SILENCE = timedelta(minutes=10)


def sync_wanted(account_id: uuid.UUID) -> float | None:
    """Sync one account. Returns in how many seconds to try again, if at all."""
    try:
        with account_turn(account_id) as account:
            sync_account(account)
    except AccountBusy:
        return 2.0 if BillingAccount.objects.filter(pk=account_id).exists() else None
    except (StripeSilent, StripeKeyRefused):
        BillingAccount.objects.filter(pk=account_id).update(wanted_at=timezone.now() + SILENCE)
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
    """Events that Stripe has and we were never told of, as new rows to be handled."""
    began = timezone.now()
    since = cache.get(SEEN_UNTIL) or began - KEPT_THERE
    params = {"created": {"gte": int(since.timestamp())}, "types": TYPES, "limit": 100}
    told = stripe_api.every(lambda v1: v1.events.list(params))
    missed = [event for event in map(read_event, told) if keep_event(event)]
    cache.set(SEEN_UNTIL, began - OVERLAP, timeout=None)
    health.note_key(works=True)
    if missed:
        logger.warning("stripe_events_missed", count=len(missed))
    return missed


def find_differences() -> int:
    """Have every account synced whose subscriptions are not what Stripe has. How many."""
    theirs: dict[str, dict[str, str]] = defaultdict(dict)
    params = {"status": "all", "limit": 100}
    for said in stripe_api.every(lambda v1: v1.subscriptions.list(params)):
        owning.adopt(said)
        theirs[identifier(said["customer"])][said["id"]] = _gist(said)
    ours = _ours()
    accounts = BillingAccount.objects.exclude(customer_id="").values_list("pk", "customer_id")
    differing = [pk for pk, customer in accounts if ours[pk] != theirs.get(customer, {})]
    want_sync(differing)
    health.note_key(works=True)
    if differing:
        logger.warning("billing_copies_differ", count=len(differing))
    return len(differing)


def _gist(said: Answer) -> str:
    item = said["items"]["data"][0]
    return f"{said['status']} {item['price']['id']} {item.get('current_period_end')}"


def _ours() -> dict[uuid.UUID, dict[str, str]]:
    copies: dict[uuid.UUID, dict[str, str]] = defaultdict(dict)
    for each in Subscription.objects.iterator():
        end = int(each.period_end.timestamp()) if each.period_end else None
        copies[each.account_id][each.stripe_id] = f"{each.status} {each.price_id} {end}"
    return copies
