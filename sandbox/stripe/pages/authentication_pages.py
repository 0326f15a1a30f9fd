"""The page of the bank: 3-D Secure, passed or not."""

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.stripe import attempts
from sandbox.stripe.billing.invoicing import authenticate
from sandbox.stripe.world import Object, StripeWorld

from .showing import page, said

_PATH = "/stripe/authenticate/<identifier>"


def add_authentication_pages(pages: Blueprint, world: StripeWorld) -> None:
    @pages.get(_PATH)
    def bank(identifier: str) -> AnyResponse:
        with world.lock:
            question = _question(world, identifier)
            if question and "_went_to" not in question:
                return _asked(world, question)
            return _led_on(question)

    @pages.post(_PATH)
    def answer_bank(identifier: str) -> AnyResponse:
        with world.lock:
            question = _question(world, identifier)
            # Whoever clicks twice is taken to where the first click led.
            if question and "_went_to" not in question:
                passed = request.form.get("outcome") == "complete"
                question["_went_to"] = _went_on(world, question, passed)
            return _led_on(question)


def _question(world: StripeWorld, identifier: str) -> Object | None:
    """Of a page that waits for the answer, or of the payment of an invoice."""
    intent = world.find("payment_intent", identifier)
    if intent is None:
        return world.find(attempts.KIND, identifier)
    if intent["status"] == "requires_action":
        intent.pop("_went_to", None)
    return intent if "_went_to" in intent or intent["status"] == "requires_action" else None


def _asked(world: StripeWorld, question: Object) -> Response:
    method = world.get("payment_method", question["payment_method"])
    return page(
        "authenticate.html",
        leads_to=(question.get("leads_to", ""),),
        last4=method["card"]["last4"],
        amount=question["amount"],
        currency=question["currency"],
    )


def _went_on(world: StripeWorld, question: Object, passed: bool) -> str:
    if question["object"] == attempts.KIND:
        return attempts.end(world, question, passed)
    outcome = authenticate(world, question, passed=passed)
    invoice = f"/stripe/invoices/{question['_invoice']}"
    return invoice if outcome.status == "succeeded" else f"{invoice}?failed=yes"


def _led_on(question: Object | None) -> AnyResponse:
    if question is None:
        return said("Nothing to authenticate", "The bank has no question at this address.", 404)
    return redirect(question["_went_to"], 303)
