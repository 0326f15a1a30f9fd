"""Telling Stripe where to send its events. The secret they are signed with is shown only once."""

from dataclasses import dataclass

from billing.stripe_api import VERSION, Answer, ask, every

EVENTS = (
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.refunded",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "customer.deleted",
    "customer.discount.created",
    "customer.discount.deleted",
    "customer.discount.updated",
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.pending_update_applied",
    "customer.subscription.pending_update_expired",
    "customer.subscription.resumed",
    "customer.subscription.trial_will_end",
    "customer.subscription.updated",
    "customer.tax_id.created",
    "customer.tax_id.deleted",
    "customer.tax_id.updated",
    "customer.updated",
    "invoice.finalization_failed",
    "invoice.finalized",
    "invoice.marked_uncollectible",
    "invoice.paid",
    "invoice.payment_action_required",
    "invoice.payment_failed",
    "invoice.upcoming",
    "invoice.voided",
    "payment_method.attached",
    "payment_method.automatically_updated",
    "payment_method.detached",
    "payment_method.updated",
    "subscription_schedule.aborted",
    "subscription_schedule.canceled",
    "subscription_schedule.completed",
    "subscription_schedule.created",
    "subscription_schedule.released",
    "subscription_schedule.updated",
)


@dataclass(frozen=True)
class Endpoint:
    """`secret` is what to sign with, where it was made just now; else empty. `others` are older
    ones for the same address.
    """

    identifier: str
    secret: str
    others: int


def sync_endpoint(url: str, *, is_new: bool = False) -> Endpoint:
    """Have our events sent there, in the version we speak; make another endpoint where the one
    there is of another version, which can't be changed, or where a new secret is wanted.
    """
    there = _endpoints(url)
    usable = [each for each in there if each["api_version"] == VERSION]
    if usable and not is_new:
        newest = usable[0]
        if newest["enabled_events"] != list(EVENTS) or newest["status"] != "enabled":
            values = {"enabled_events": list(EVENTS), "disabled": False}
            ask(lambda v1: v1.webhook_endpoints.update(newest["id"], values))
        return Endpoint(newest["id"], "", len(there) - 1)
    wanted = {"url": url, "enabled_events": list(EVENTS), "api_version": VERSION}
    made = ask(lambda v1: v1.webhook_endpoints.create(wanted))
    return Endpoint(made["id"], made["secret"], len(there))


def retire_endpoints(url: str) -> int:
    """Remove all but the newest for that address. Returns how many."""
    old = _endpoints(url)[1:]
    for each in old:
        _remove(each["id"])
    return len(old)


def _remove(identifier: str) -> None:
    ask(lambda v1: v1.webhook_endpoints.delete(identifier))


def _endpoints(url: str) -> list[Answer]:
    """Those for an address, the newest first, as Stripe lists them."""
    listed = every(lambda v1: v1.webhook_endpoints.list({"limit": 100}))
    return [each for each in listed if each["url"] == url]
