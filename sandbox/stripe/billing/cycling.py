"""What happens by itself as time goes by: renewals, the ends of trials, and dunning."""

from sandbox.stripe.world import Object, StripeWorld

from .drafting import Draft, invoice_of
from .ending import cancel
from .invoicing import attempt, finalize, keep, retry_later
from .lines import period_lines, waiting
from .paying import default_card, intent_of
from .periods import DAY, HOUR, next_boundary
from .previewing import next_invoice, shown_as_preview
from .standing import after_failure, change, items_of, period_of, put_items, subscription_of

# After the last failed attempt: `cancel`, `unpaid` or `past_due`.
AFTER_RETRIES = "cancel"


def settings_of(world: StripeWorld) -> Object:
    """What the account's owner chose."""
    kept = world.find("_settings", "billing")
    return kept or world.put(
        {"object": "_settings", "id": "billing", "after_retries": AFTER_RETRIES}
    )


def end_period(world: StripeWorld, subscription: Object) -> None:
    """The period, or the trial, is over."""
    if subscription["status"] == "trialing" and _has_no_card(world, subscription):
        behavior = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
        if behavior == "cancel":
            cancel(world, subscription, {}, "cancellation_requested")
            return
        if behavior == "pause":
            _pause(world, subscription)
            return
    renew(world, subscription)


def renew(world: StripeWorld, subscription: Object) -> Object:
    """A new period, with a draft that is finalized and charged an hour later."""
    start = period_of(subscription)
    items = items_of(subscription)
    recurring = items[0]["price"]["recurring"]
    end = next_boundary(subscription["billing_cycle_anchor"], recurring, start[1])
    items = [each | {"current_period_start": start[1], "current_period_end": end} for each in items]
    lines = waiting(world, subscription["id"])
    lines += period_lines(world, subscription["id"], items, start[1], end)
    customer = world.get("customer", subscription["customer"])
    invoice = invoice_of(
        world,
        Draft(customer, subscription, lines, "subscription_cycle", world.now(), None, start),
    )
    _schedule_finalization(subscription, invoice)
    values = {"items": put_items(subscription, items), "latest_invoice": invoice["id"]}
    if subscription["status"] == "trialing":
        values["status"] = "active"
    change(world, subscription, **values)
    return keep(world, invoice)


def _schedule_finalization(subscription: Object, invoice: Object) -> None:
    """An unpaid subscription's invoices stay drafts."""
    if subscription["status"] == "unpaid":
        invoice["auto_advance"] = False
    else:
        invoice["automatically_finalizes_at"] = invoice["created"] + HOUR
        invoice["next_payment_attempt"] = invoice["created"] + HOUR


def _has_no_card(world: StripeWorld, subscription: Object) -> bool:
    if subscription["collection_method"] == "send_invoice":
        return False
    return default_card(world, subscription["customer"], subscription) is None


def _pause(world: StripeWorld, subscription: Object) -> None:
    reason = "trial_end_without_payment_method"
    details = {
        "paused": {
            "subscription": {"type": reason},
            "transitioned_at": world.now(),
            "type": "subscription",
        }
    }
    change(world, subscription, status="paused", status_details=details)
    world.emit("customer.subscription.paused", subscription)


# Drafts whose hour has come, and open invoices to be charged again


def finalize_draft(world: StripeWorld, invoice: Object, *, asked: bool = False) -> None:
    """When its hour has come, or somebody `asked`."""
    finalize(world, invoice)
    if invoice["status"] != "open" or asked and not invoice["auto_advance"]:
        return
    if invoice["collection_method"] == "send_invoice":
        invoice["next_payment_attempt"] = None
        world.emit("invoice.sent", invoice)
    else:
        charge_again(world, invoice)


def charge_again(world: StripeWorld, invoice: Object) -> None:
    """While the customer is away. The last failure ends it, as the settings say."""
    intent = intent_of(world, invoice)
    if intent and intent["status"] == "requires_action":
        intent["status"] = "requires_payment_method"
    planned = retry_later(world, invoice)
    outcome = attempt(world, invoice, present=False)
    if outcome.status != "succeeded" and not planned:
        _give_up(world, invoice)


def _give_up(world: StripeWorld, invoice: Object) -> None:
    subscription = subscription_of(world, invoice)
    invoice["auto_advance"] = False
    chosen = settings_of(world)["after_retries"]
    if subscription is None or subscription["status"] != "past_due":
        return
    if chosen == "cancel":
        cancel(world, subscription, {}, "payment_failed")
    elif chosen == "unpaid":
        change(world, subscription, status="unpaid")


def miss_due_date(world: StripeWorld, invoice: Object) -> None:
    """Sent, and not paid in time."""
    invoice["_overdue"] = True
    world.emit("invoice.overdue", invoice)
    after_failure(world, invoice)


# Notices ahead of time


def tell_trial_ends(world: StripeWorld, subscription: Object) -> None:
    subscription["_told_trial"] = subscription["trial_end"]
    world.emit("customer.subscription.trial_will_end", subscription)


def tell_upcoming(world: StripeWorld, subscription: Object) -> None:
    subscription["_told_upcoming"] = period_of(subscription)[1]
    world.emit("invoice.upcoming", shown_as_preview(next_invoice(world, subscription)))


TRIAL_NOTICE = 3 * DAY
UPCOMING_NOTICE = 7 * DAY
