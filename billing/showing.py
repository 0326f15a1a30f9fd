"""How a subscription stands, in words for whoever looks at its page."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from billing.discounts import after_discounts
from billing.entitlements import Entitlements
from billing.models import BillingAccount, CatalogPrice, Invoice, Plan, Subscription
from billing.money import in_words
from billing.standing import FACTS, decide
from billing.words import day, moment, plus_tax, title_of

ENDING_SOON = 3


@dataclass(frozen=True)
class Standing:
    """`act` is the way out: choose, pay, card, resume, undo or details; empty where nobody has to
    do anything. `charge` goes on where the text ends, for those who may see amounts.
    `needs_somebody` is for a banner on every page.
    """

    tone: str
    word: str
    text: str
    act: str = ""
    charge: str = ""
    needs_somebody: bool = False
    # What a banner says after the name of the organization.
    short: str = ""

    @property
    def icon(self) -> str:
        return self.tone or "info"


def standing_of(
    subscription: Subscription | None,
    entitlements: Entitlements,
    account: BillingAccount | None,
    owed: Invoice | None = None,
) -> Standing:
    """`owed` is the open invoice, if there is one."""
    if subscription is None:
        return _FREE
    status = subscription.known_status or subscription.status
    if status == "canceled":
        return _ended(subscription, entitlements)
    if status == "trialing":
        return _trial(subscription, account or subscription.account)
    if status == "active":
        return _active(subscription, account or subscription.account)
    if status in ("past_due", "unpaid"):
        return _owing(subscription, entitlements, owed)
    others = _OTHERS | {"paused": _PAUSED_UNPAID if owed else _PAUSED}
    return others.get(status, _UNKNOWN)


_FREE = Standing("", "Free", "Nothing is charged.", "choose")
_INCOMPLETE = Standing(
    "warning",
    "Not paid yet",
    "The first payment did not go through. Finish it within 23 hours of the purchase, or it is "
    "forgotten and nothing is charged. Until then this is the Free plan.",
    "pay",
    needs_somebody=True,
    short="Its first payment did not go through.",
)
_PAUSED = Standing(
    "warning",
    "Paused",
    "The trial ended without a card, so the subscription rests and this is the Free plan. Add a "
    "card and resume it.",
    "resume",
    needs_somebody=True,
    short="Its trial ended without a card.",
)
_PAUSED_UNPAID = replace(
    _PAUSED,
    text="Resuming was not paid, so the subscription still rests and this is the Free plan. Pay "
    "the open invoice, and it goes on.",
    act="pay",
    short="Resuming it was not paid.",
)
_UNKNOWN = Standing(
    "info", "Being looked at", "Our payment service says something that we don't know yet. What "
    "you have stays as it is, and we have been told."
)  # fmt: skip

_OTHERS = {"": _FREE, "incomplete_expired": _FREE, "incomplete": _INCOMPLETE}


def _ended(subscription: Subscription, entitlements: Entitlements) -> Standing:
    if entitlements.plan != Plan.FREE:
        text = f"Ended. Support lets you keep it until {day(entitlements.until)}."
        return Standing("warning", "Ended", text, "choose", needs_somebody=True)
    when = f" on {day(subscription.ended_at)}" if subscription.ended_at else ""
    text = f"Your subscription ended{when}. Nothing was deleted; this is the Free plan now."
    return Standing("", "Free", text, "choose")


def _trial(subscription: Subscription, account: BillingAccount) -> Standing:
    ends = subscription.trial_end
    if subscription.cancels_at:
        over = day(subscription.cancels_at)
        text = f"Cancelled: the trial ends on {over}, and nothing is charged."
        return Standing("warning", "Trial", text, "resume")
    if not account.card:
        text = f"The trial ends on {day(ends)}. Add a card by then, or it ends with the Free plan."
        short = f"Its trial ends on {day(ends)}, and there is no card."
        return Standing(
            "warning", "Trial", text, "card", needs_somebody=_is_soon(ends), short=short
        )
    amount = after_discounts(subscription.amount, subscription, account, ends)
    price = f"{in_words(amount, subscription.currency)}{plus_tax()}"
    then = f"Then {price} is charged for a {subscription.interval}."
    return Standing("info", "Trial", f"Free until {day(ends)}.", charge=then)


def _active(subscription: Subscription, account: BillingAccount) -> Standing:
    if subscription.cancels_at:
        to_come = charge_to_come(subscription, account)
        charge = (
            f"{to_come} for the period that has begun is charged within the hour, nothing after it."
            if to_come
            else "Nothing more is charged."
        )
        text = (
            f"Cancelled: it ends on {day(subscription.cancels_at)}. Until then you have all of it; "
            "then this is the Free plan, and nothing is deleted."
        )
        return Standing("warning", "Ends", text, "resume", charge=charge)
    if subscription.pending_until:
        wanted = named(subscription.pending_lookup_key)
        until = moment(subscription.pending_until)
        text = (
            f"The change to {wanted} waits for its payment until {until}. Finish it by then, or it "
            "is forgotten and nothing is charged."
        )
        short = "The change of its plan waits for a payment."
        return Standing("warning", "Payment open", text, "pay", needs_somebody=True, short=short)
    if subscription.next_lookup_key:
        text = f"Changes to {named(subscription.next_lookup_key)} on {day(subscription.next_at)}."
        return Standing("info", "Change planned", text, "undo")
    if subscription.is_sent_as_invoice:
        return Standing("good", "Active", "Agreed with us and paid by invoice.")
    return Standing("good", "Active", "")


def charge_to_come(subscription: Subscription, account: BillingAccount) -> str:
    """Of the period that has begun: its invoice is a draft for an hour, and cancelling does not
    call it off. Empty where there is none. One query.
    """
    if subscription.is_sent_as_invoice:
        return ""
    # One with a flaw waits until that is mended.
    drafts = account.invoices.filter(status="draft", flaw="")
    draft = drafts.filter(stripe_id=subscription.latest_invoice_id, amount_due__gt=0).first()
    return in_words(draft.amount_due, draft.currency) if draft else ""


def _owing(
    subscription: Subscription, entitlements: Entitlements, owed: Invoice | None
) -> Standing:
    if entitlements.is_read_only:
        text = (
            "A payment is missing, so nothing new is analysed. All that is here can be looked at, "
            "and nothing is deleted. Pay the open invoice, and it goes on within a minute."
        )
        short = "A payment is missing, so nothing new is analysed."
        return Standing("danger", "Read-only", text, "pay", needs_somebody=True, short=short)
    until = f"You keep everything until {day(entitlements.until)}"
    if subscription.is_sent_as_invoice:
        text = f"An invoice is overdue. {until}; then nothing new is analysed. Pay it by then."
    elif owed and owed.needs_authentication:
        text = (
            f"Your bank wants you to confirm the last payment. {until}; then nothing new is "
            "analysed. Confirm it by then."
        )
    else:
        text = (
            f"The last payment failed. {until}; then nothing new is analysed. Pay the open "
            "invoice or put in another card by then."
        )
    if subscription.cancels_at:
        ends = day(subscription.cancels_at)
        is_tried = owed is not None and owed.next_attempt_at is not None
        again = "is tried again until then" if is_tried else "is not tried again"
        text += f" You cancelled: it ends on {ends}, and your card {again}."
    word = "Overdue" if subscription.is_sent_as_invoice else "Payment failed"
    short = f"A payment is missing. {until}."
    return Standing("warning", word, text, "pay", needs_somebody=True, short=short)


def need_of(subscription: Subscription) -> Standing | None:
    """What somebody must act on; None where nobody must. Its account is at hand."""
    facts = {name: getattr(subscription, name) for name in FACTS if "__" not in name}
    grace = {"account__grace_until": subscription.account.grace_until}
    standing = standing_of(subscription, decide(facts | grace), subscription.account)
    return standing if standing.needs_somebody else None


def _is_soon(moment_: datetime | None) -> bool:
    return bool(moment_) and (moment_ - timezone.now()).days < ENDING_SOON  # type: ignore[operator]


def named(lookup_key: str) -> str:
    """`Team 250k, monthly`; the key itself where we have no such price."""
    price = CatalogPrice.objects.filter(lookup_key=lookup_key).first()
    return title_of(price) if price else lookup_key
