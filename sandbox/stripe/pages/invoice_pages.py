"""Invoices for their payer: looked at, paid while they are open, and printed."""

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.stripe.billing.invoicing import attempt
from sandbox.stripe.billing.paying import intent_of
from sandbox.stripe.errors import StripeError
from sandbox.stripe.resources.payment_methods import attach
from sandbox.stripe.typed_cards import TEST_CARDS, take_card
from sandbox.stripe.world import Object, StripeWorld

from .forms import CARD, Form, check_card, put_card_error
from .invoice_pdf import pdf_of
from .showing import page, said

_PATH = "/stripe/invoices/<identifier>"


def add_invoice_pages(pages: Blueprint, world: StripeWorld) -> None:
    @pages.get(_PATH)
    def invoice(identifier: str) -> Response:
        with world.lock:
            found = _final(world, identifier)
            return _shown(world, found, _returning(world, found)) if found else _nothing()

    @pages.post(_PATH)
    def pay_invoice(identifier: str) -> AnyResponse:
        with world.lock:
            found = _final(world, identifier)
            if found is None:
                return _nothing()
            if found["status"] not in ("open", "uncollectible"):
                return redirect(f"/stripe/invoices/{identifier}", 303)
            return _answer(world, found, Form(CARD, request.form))

    @pages.get(f"{_PATH}/pdf")
    def invoice_pdf(identifier: str) -> Response:
        with world.lock:
            found = _final(world, identifier)
            return _printed(world, found) if found else _nothing()


def _answer(world: StripeWorld, invoice: Object, form: Form) -> AnyResponse:
    if number := request.form.get("fill"):
        form.fill_card(number, world.now())
        return _shown(world, invoice, form)
    check_card(form, world.now())
    if form.is_good:
        try:
            return redirect(_pay(world, invoice, form), 303)
        except StripeError as error:
            put_card_error(form, error)
    return _shown(world, invoice, form)


def _pay(world: StripeWorld, invoice: Object, form: Form) -> str:
    customer = world.get("customer", invoice["customer"])
    about = {name: customer[name] for name in ("email", "name", "address")}
    method = take_card(world, form.digits, form.expires(), about)
    attach(world, method, customer)
    outcome = attempt(world, invoice, method)
    if outcome.status == "failed":
        raise outcome.refusal()
    intent = intent_of(world, invoice)
    if outcome.status == "requires_action" and intent:
        return f"/stripe/authenticate/{intent['id']}"
    return f"/stripe/invoices/{invoice['id']}"


def _final(world: StripeWorld, identifier: str) -> Object | None:
    invoice = world.find("invoice", identifier)
    return None if invoice is None or invoice["status"] == "draft" else invoice


def _returning(world: StripeWorld, invoice: Object) -> Form:
    """With what the bank said, for whoever comes from there."""
    form, intent = Form(CARD, {}), intent_of(world, invoice)
    if "failed" in request.args and intent and intent["last_payment_error"]:
        form.errors["number"] = intent["last_payment_error"]["message"]
    return form


def _shown(world: StripeWorld, invoice: Object, form: Form) -> Response:
    intent = intent_of(world, invoice)
    asked = invoice["status"] == "open" and intent and intent["status"] == "requires_action"
    return page(
        "invoice.html",
        200 if form.is_good else 422,
        invoice=invoice,
        form=form,
        cards=TEST_CARDS,
        payable=invoice["status"] in ("open", "uncollectible"),
        authentication=f"/stripe/authenticate/{intent['id']}" if asked and intent else "",
        sums=sums_of(invoice),
    )


def sums_of(invoice: Object) -> dict[str, int]:
    """What stands between the lines and what is due."""
    return {
        "discount": sum(each["amount"] for each in invoice["total_discount_amounts"] or []),
        "tax": sum(each["amount"] for each in invoice["total_taxes"] or []),
        "balance": invoice["amount_due"] - invoice["total"],
    }


def _printed(world: StripeWorld, invoice: Object) -> Response:
    customer = world.get("customer", invoice["customer"])
    answer = Response(pdf_of(invoice, customer, **sums_of(invoice)), mimetype="application/pdf")
    name = f"Invoice-{invoice['number']}.pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _nothing() -> Response:
    return said("No such invoice", "There is no invoice at this address.", 404)
