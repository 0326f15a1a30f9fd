"""What somebody of ours has to look at, as far as our tables know it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.utils import timezone

from billing import health, modes, stripe_api
from billing.entitlements import KNOWN_STATUSES
from billing.events import ALARMING
from billing.models import (
    BillingAccount,
    Invoice,
    Operation,
    Plan,
    StripeEvent,
    Subscription,
)
from billing.running import OURS_TO_MEND
from organizations.models import AuditEvent

# What is older has been looked at, or is in the history of its account.
LATELY = timedelta(days=30)
# Nothing waits that long unless it is stuck.
LONG = timedelta(hours=1)
MOST = 1000
# Why an operation failed, where nobody but us can do something about it.
_OURS = ("broken", *(kind.code for kind in OURS_TO_MEND))


@dataclass(frozen=True)
class Alarm:
    """`rows` are of one table, whose list in the admin can be narrowed to them by its name, or
    found by `word`.
    """

    name: str
    title: str
    text: str
    rows: Callable[[], QuerySet[Any]]
    word: str = ""

    @property
    def model(self) -> Any:
        return self.rows().model

    def count(self) -> int:
        """As far as a page needs to know it."""
        return self.rows()[:MOST].count()


def troubles() -> list[str]:
    """What is wrong between Stripe and us as a whole."""
    return [*health.problems(), *modes.mixed_modes()]


def of_model(model: type) -> list[Alarm]:
    return [alarm for alarm in ALARMS if alarm.model is model]


def _events(**values: Any) -> QuerySet[StripeEvent]:
    return StripeEvent.objects.filter(received_at__gt=timezone.now() - LATELY, **values)


def _failed_events() -> QuerySet[StripeEvent]:
    return StripeEvent.objects.filter(state=StripeEvent.State.FAILED)


def _events_of_other_mode() -> QuerySet[StripeEvent]:
    return _events(is_live=not stripe_api.is_live())


def _foreign_events() -> QuerySet[StripeEvent]:
    return _events(state=StripeEvent.State.IGNORED, is_live=stripe_api.is_live())


def _grave_events() -> QuerySet[StripeEvent]:
    return _events(type__in=ALARMING).exclude(state=StripeEvent.State.IGNORED)


def _unknown_statuses() -> QuerySet[Subscription]:
    return Subscription.objects.exclude(status__in=KNOWN_STATUSES)


def _unknown_prices() -> QuerySet[Subscription]:
    return Subscription.objects.live().filter(plan=Plan.FREE)


def _second_purchases() -> QuerySet[Operation]:
    lately = Q(asked_at__gt=timezone.now() - LATELY)
    return Operation.objects.filter(lately, kind=Operation.Kind.REFUND)


def _failed_operations() -> QuerySet[Operation]:
    """Unless it was asked for again. A refund stays until support gives it up."""
    refund = Q(kind=Operation.Kind.REFUND)
    asked = Operation.objects.annotate(subscription=KT("params__subscription_id"))
    later = asked.filter(
        ~refund | Q(subscription=OuterRef("subscription")),
        account=OuterRef("account"),
        kind=OuterRef("kind"),
        asked_at__gt=OuterRef("asked_at"),
    )
    lately = Q(asked_at__gt=timezone.now() - LATELY, error_code__in=_OURS)
    failed = asked.filter(
        lately | refund & ~Q(error_code=Operation.GIVEN_UP), state=Operation.State.FAILED
    )
    return failed.exclude(Exists(later))


def _stuck_operations() -> QuerySet[Operation]:
    return Operation.objects.open().filter(asked_at__lt=timezone.now() - LONG)


def _accounts_behind() -> QuerySet[BillingAccount]:
    """Nobody tries; or it fails, and so they are wanted again in a while."""
    now = timezone.now()
    is_old = Q(synced_at=None) | Q(synced_at__lt=now - LONG)
    return BillingAccount.objects.filter(Q(wanted_at__lt=now - LONG) | Q(is_old, wanted_at__gt=now))


def _paid_and_unopened() -> QuerySet[BillingAccount]:
    """For an import that waits for another token, or for a bug of ours to be mended."""
    live = Subscription.objects.live().exclude(status="incomplete")
    long_ago = live.filter(created_at__lt=timezone.now() - LONG).values("account")
    return BillingAccount.objects.filter(organization=None, left_at=None, pk__in=long_ago)


def _owed_by_the_left() -> QuerySet[Invoice]:
    return Invoice.objects.filter(status="open", account__left_at__isnull=False)


def _recorded(action: str) -> QuerySet[AuditEvent]:
    return AuditEvent.objects.filter(at__gt=timezone.now() - LATELY, action=action)


_DIFFERS, _BESIDE = "billing.charge_differs", "billing.agreed_beside_another"
_OF_TWO = "billing.customer_of_two"
ALARMS = [
    Alarm("charge", "Charged another amount than quoted", "Give the difference back, and report it "
          "as a bug: the event has both amounts.", lambda: _recorded(_DIFFERS), _DIFFERS),
    Alarm("beside", "Made by staff beside another subscription", "Both are charged. End the "
          "other one at once, if that has not been done, and resync.",
          lambda: _recorded(_BESIDE), _BESIDE),
    Alarm("of-two", "One customer for two organizations", "What was bought at Stripe names an "
          "organization and is paid by another one's customer. Correct the account in its metadata "
          "there, or make it for a customer of its own.", lambda: _recorded(_OF_TWO), _OF_TWO),
    Alarm("second", "Bought twice", "The later purchase is cancelled and given back by itself. See "
          "that its operation is done.", _second_purchases),
    Alarm("unopened", "Paid for over an hour, and no organization", "Mostly its import needs "
          "another token, and whoever paid was told: help them to make one. After a week it is "
          "cancelled and given back by itself.", _paid_and_unopened),
    Alarm("owed", "Owed by organizations that were deleted", "Agreed on with us, and used. Write "
          "to who pays, or void it at Stripe.", _owed_by_the_left),
    Alarm("failed-operation", "Failed on our side", "Find out why in its error and the logs, then "
          "retry it. Where Stripe always refuses a refund, give the money back otherwise, and give "
          "the refund up.", _failed_operations),
    Alarm("stuck", "Under way for over an hour", "Retry it, or give it up so that something else "
          "can be asked for.", _stuck_operations),
    Alarm("failed-event", "Events that could not be handled", "Find out why in the error, then "
          "replay it.", _failed_events),
    Alarm("grave-event", "Disputes, and invoices that can't be finished", "Answer a dispute at "
          "Stripe. For an invoice, see that the owners complete their address.", _grave_events),
    Alarm("other-mode", "Events of the other mode", "A webhook endpoint of test mode leads to a "
          "live deployment, or the other way round. Take it away at Stripe.",
          _events_of_other_mode),
    Alarm("foreign", "Events of nobody here", "Harmless where others share the account at Stripe. "
          "Otherwise somebody was made there by hand.", _foreign_events),
    Alarm("status", "A status that we don't know", "Access stays as it was. Report it as a bug.",
          _unknown_statuses),
    Alarm("price", "A price that we don't know", "It gives no more than Free. Write plan and "
          "loc_limit into the subscription's metadata at Stripe.", _unknown_prices),
    Alarm("behind", "Copies that are over an hour behind", "Look whether Stripe answers and "
          "whether workers run, then resync.", _accounts_behind),
]  # fmt: skip
