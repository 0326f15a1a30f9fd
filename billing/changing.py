"""Carrying out changes of a subscription. Each may run many times: it looks first how far an
earlier attempt came, and asks for the rest.
"""

from typing import Any

import structlog

from billing import stripe_api
from billing.customers import insist_on_its_key
from billing.errors import ChangeUnpaid, QuoteNeeded, QuoteVoid, StripeRefused
from billing.models import CatalogPrice, Invoice, Operation, Quote, Subscription
from billing.previews import preview_of, resumption_of
from billing.prices import price_named
from billing.running import Run, performs
from billing.stripe_api import Answer, identifier
from organizations import audit

logger = structlog.get_logger(__name__)

OPEN = ("open", "uncollectible")
# The step that switches an invoice's collection, before its id.
COLLECT = "collect-"


# Now


@performs(Operation.Kind.UPGRADE)
def upgrade(run: Run) -> None:
    """Exactly what was quoted, or nothing. What the card does not pay waits for its payment, and
    the plan stays as it was.
    """
    quote = Quote.objects.select_related("price", "subscription").get(operation=run.operation)
    said = _retrieve(quote.subscription)
    _refuse_beside_another(quote, said)
    if quote.price.price_id not in _prices_in(said):
        _refuse_another_charge(quote, said)
        _release(run, said)
        said = run.once("update", lambda v1, options: v1.subscriptions.update(
            said["id"], _upgrade_params(quote, said), options
        ))  # fmt: skip
    if not quote.is_of_trial:
        _compare_with_charge(run, quote, said["latest_invoice"])
    if said.get("pending_update"):
        run.remember(Operation.AWAITED, said["latest_invoice"]["id"])
        run.write(url=said["latest_invoice"].get("hosted_invoice_url") or "")


def _refuse_beside_another(quote: Quote, said: Answer) -> None:
    """What waits for its payment is another quote's, unless its invoice is of this one's second."""
    if not said.get("pending_update"):
        return
    details = said["latest_invoice"]["parent"]["subscription_details"]
    if details.get("subscription_proration_date") != int(quote.proration_date.timestamp()):
        raise ChangeUnpaid


def _prices_in(said: Answer) -> set[str]:
    """Of what is had and of what waits for its payment."""
    pending = (said.get("pending_update") or {}).get("subscription_items") or []
    return {identifier(each["price"]) for each in [*said["items"]["data"], *pending]}


def _refuse_another_charge(quote: Quote, said: Answer) -> None:
    """Credit may have come or gone since, or the plan been changed at Stripe."""
    item = said["items"]["data"][0]
    if item["price"]["id"] != quote.price_before:
        raise QuoteVoid
    if quote.is_of_trial:
        if said["status"] != "trialing":
            raise QuoteVoid
        return
    at = int(quote.proration_date.timestamp())
    if not item["current_period_start"] <= at <= item["current_period_end"]:
        raise QuoteVoid
    now = preview_of(quote.subscription, quote.price, at=at)
    if (now.total, now.amount_due) != (quote.total, quote.amount_due):
        raise QuoteVoid


def _upgrade_params(quote: Quote, said: Answer) -> dict[str, Any]:
    item = {"id": said["items"]["data"][0]["id"], "price": quote.price.price_id}
    params: dict[str, Any] = {"items": [item], "expand": ["latest_invoice"]}
    if quote.is_of_trial:
        # The trial goes on, and so there is nothing to prorate.
        return params | {"proration_behavior": "none"}
    return params | {
        "proration_behavior": "always_invoice",
        "proration_date": int(quote.proration_date.timestamp()),
        "payment_behavior": "pending_if_incomplete",
    }


def _compare_with_charge(run: Run, quote: Quote, invoice: Answer) -> None:
    """They are the same by all we know. Should they not be, somebody has to look."""
    if (invoice["total"], invoice["amount_due"]) == (quote.total, quote.amount_due):
        return
    charged = {"total": invoice["total"], "amount_due": invoice["amount_due"]}
    logger.error(
        "charge_differs_from_quote",
        operation=str(run.operation.pk), quote=str(quote.pk), invoice=invoice["id"], **charged,
    )  # fmt: skip
    organization = run.account.organization
    audit.record(
        organization, "billing.charge_differs", by=None, invoice=invoice["id"],
        quoted={"total": quote.total, "amount_due": quote.amount_due}, charged=charged,
    )  # fmt: skip


# With the next period


@performs(Operation.Kind.DOWNGRADE)
def change_later(run: Run) -> None:
    """By a schedule of two phases: the present one as it is, and one that begins with the period
    after. It lets the subscription go then. An earlier plan is released first.
    """
    price = price_named(run.operation.params["lookup_key"])
    said = _retrieve_live(run)
    known = identifier(said["schedule"])
    if not run.made("before"):
        run.remember("before", known or "none")
    if known and known == run.made("before"):
        _release(run, said)
        known = ""
    if not known:
        params = {"from_subscription": said["id"]}
        made = run.once(
            "schedule", lambda v1, options: v1.subscription_schedules.create(params, options)
        )
        known = made["id"]
    if card := identifier(said.get("default_payment_method")):
        _pay_by_it(run, identifier(said["customer"]), card)
    phases = run.frozen(f"phases-{known}", lambda: _phases_now(known, price))
    run.once("phases", lambda v1, options: v1.subscription_schedules.update(known, phases, options))


def _pay_by_it(run: Run, customer: str, card: str) -> None:
    """Checkout gives a card to the subscription alone, and a phase that names none is paid by the
    customer's: so that is the same one.
    """
    params = {"invoice_settings": {"default_payment_method": card}}
    run.once(f"card-{card}", lambda v1, options: v1.customers.update(customer, params, options))


def _phases_now(schedule: str, price: CatalogPrice) -> dict[str, Any]:
    said = stripe_api.ask(lambda v1: v1.subscription_schedules.retrieve(schedule))
    return _phases(said["phases"][0], price.price_id, price.interval)


def _phases(present: Answer, price_id: str, interval: str) -> dict[str, Any]:
    items = [
        {"price": identifier(each["price"]), "quantity": each.get("quantity") or 1}
        for each in present["items"]
    ]
    # What is taken off now is taken off then.
    kept = [_discount(each) for each in present.get("discounts") or []]
    more: dict[str, Any] = {"discounts": kept} if kept else {}
    if tax := present.get("automatic_tax"):
        more["automatic_tax"] = {"enabled": tax["enabled"]}
    now = {"items": items, "start_date": present["start_date"], "end_date": present["end_date"]}
    then = {
        "items": [{"price": price_id, "quantity": 1}],
        "duration": {"interval": interval, "interval_count": 1},
        "proration_behavior": "none",
    }
    return {
        "end_behavior": "release",
        "proration_behavior": "none",
        "phases": [now | more, then | more],
    }


def _discount(each: Answer) -> dict[str, str]:
    names = ("discount", "promotion_code", "coupon")
    return next({name: identifier(each[name])} for name in names if each.get(name))


@performs(Operation.Kind.UNDO)
def undo(run: Run) -> None:
    """What is planned, or what waits for its payment, is called off. It costs nothing."""
    said = _retrieve_live(run)
    if said.get("pending_update"):
        _void(run, said["latest_invoice"])
    _release(run, said)


# The end, and the way back


@performs(Operation.Kind.CANCEL)
def cancel(run: Run) -> None:
    """With the end of what is paid. Nobody is asked for money any more: a card that failed is not
    tried again, and what is open can still be paid by who wants the rest of the period. Only a
    change that waits for its payment is called off.
    """
    said = _retrieve_live(run)
    _release(run, said)
    if not said["cancel_at_period_end"]:
        asked = run.operation.params
        details = {name: asked[name] for name in ("feedback", "comment") if asked.get(name)}
        params: dict[str, Any] = {"cancel_at_period_end": True}
        if details:
            params["cancellation_details"] = details
        run.once("cancel", lambda v1, o: v1.subscriptions.update(said["id"], params, o))
    if said.get("pending_update"):
        _void(run, said["latest_invoice"])
    for invoice in _open_invoices(said):
        _collect(run, invoice, wanted=False)


@performs(Operation.Kind.RESUME)
def resume(run: Run) -> None:
    said = _retrieve_live(run)
    if said["status"] == "paused":
        _begin_again(run, said)
    elif said["cancel_at_period_end"] or said.get("cancel_at"):
        stay = {"cancel_at_period_end": False}
        run.once("resume", lambda v1, o: v1.subscriptions.update(said["id"], stay, o))
    stopped = _stopped_by_us(run)
    for invoice in _open_invoices(said):
        if invoice["id"] in stopped:
            _collect(run, invoice, wanted=True)


def _begin_again(run: Run, said: Answer) -> None:
    """With a new period, for exactly what was quoted. Where the card does not pay it stays paused,
    with an invoice that can be paid.
    """
    quote = Quote.objects.select_related("price", "subscription").filter(operation=run.operation)
    promised = quote.first()
    if promised is None:
        raise QuoteNeeded
    if said["latest_invoice"] and said["latest_invoice"]["status"] == "open":
        # It was asked for already, and waits for its payment.
        return
    now = resumption_of(promised.subscription, promised.price)
    if (now.total, now.amount_due) != (promised.total, promised.amount_due):
        raise QuoteVoid
    params = {"billing_cycle_anchor": {"type": "now"}, "expand": ["latest_invoice"]}
    done = run.once("resume", lambda v1, o: v1.subscriptions.resume(said["id"], params, o))
    _compare_with_charge(run, promised, done["latest_invoice"])


def _open_invoices(said: Answer) -> list[Answer]:
    """The subscription's own: what staff billed besides is none of its business."""
    params = {"subscription": said["id"], "status": "open", "limit": 100}
    return list(stripe_api.every(lambda v1: v1.invoices.list(params)))


def _stopped_by_us(run: Run) -> set[str]:
    """What staff keep from being collected stays as they left it."""
    cancelled = run.account.operations.filter(kind=Operation.Kind.CANCEL)
    steps = cancelled.values_list("steps", flat=True)
    return {name.removeprefix(COLLECT) for each in steps for name in each}


def _collect(run: Run, invoice: Answer, *, wanted: bool) -> None:
    """Whether the card is tried again for what is owed."""
    if invoice["auto_advance"] == wanted:
        return
    step, params = f"{COLLECT}{invoice['id']}", {"auto_advance": wanted}
    # Noted first: of one that was switched by somebody who died then, resuming has to know.
    run.remember(step, invoice["id"])
    run.once(step, lambda v1, options: v1.invoices.update(invoice["id"], params, options))


@performs(Operation.Kind.END)
def end(run: Run) -> None:
    """At once, for staff and for an organization that is gone. What was paid for and not used
    becomes credit only where that was said; nothing that is open is asked for any more. What was
    agreed on with us and used stays owed, unless staff forgive it by ending it themselves.
    """
    is_forgiven = bool(run.operation.params.get("forgives"))
    insist_on_its_key(run.account)
    named = run.operation.params["subscription_id"]
    subscription = run.account.subscriptions.filter(stripe_id=named).first()
    if subscription is None:
        return
    said = _retrieve(subscription)
    if said["status"] not in Subscription.ENDED:
        _release(run, said)
        is_credited = bool(run.operation.params.get("credit_unused")) and _is_paid(said)
        params = {"prorate": is_credited, "invoice_now": is_credited}
        run.once("end", lambda v1, o: v1.subscriptions.cancel(said["id"], params, o))
    for invoice in _open_invoices(said):
        if is_forgiven or invoice["collection_method"] != "send_invoice":
            _void(run, invoice)


def _is_paid(said: Answer) -> bool:
    """Of what was never paid nothing is given back."""
    latest = (said["latest_invoice"] or {}).get("status", "paid")
    return latest in Invoice.SETTLED and not _open_invoices(said)


def _retrieve_live(run: Run) -> Answer:
    subscription = run.account.subscriptions.live().first()
    if subscription is None:
        raise StripeRefused("The subscription has ended meanwhile.", reason="subscription-ended")
    return _retrieve(subscription)


def _retrieve(subscription: Subscription) -> Answer:
    """As it is now, with its latest invoice."""
    params = {"expand": ["latest_invoice"]}
    return stripe_api.ask(lambda v1: v1.subscriptions.retrieve(subscription.stripe_id, params))


def _release(run: Run, said: Answer) -> None:
    """A schedule allows no other change, so it lets go first."""
    if schedule := identifier(said.get("schedule")):
        step = f"release-{schedule}"
        run.once(step, lambda v1, o: v1.subscription_schedules.release(schedule, {}, o))


def _void(run: Run, invoice: Answer | None) -> None:
    if invoice and invoice["status"] in OPEN:
        step = f"void-{invoice['id']}"
        run.once(step, lambda v1, options: v1.invoices.void_invoice(invoice["id"], {}, options))
