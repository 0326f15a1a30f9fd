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
    def bank(identifier: str) -> Response:
        with world.lock:
            question = _question(world, identifier)
            return _gone() if question is None else _asked(world, question)

    @pages.post(_PATH)
    def answer_bank(identifier: str) -> AnyResponse:
        with world.lock:
            question = _question(world, identifier)
            if question is None:
                return _gone()
            passed = request.form.get("outcome") == "complete"
            return redirect(_went_on(world, question, passed), 303)


def _question(world: StripeWorld, identifier: str) -> Object | None:
    """Of a page that waits for the answer, or of the payment of an invoice."""
    intent = world.find("payment_intent", identifier)
    if intent is not None:
        return intent if intent["status"] == "requires_action" else None
    return world.find(attempts.KIND, identifier)


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


def _gone() -> Response:
    return said("Nothing to authenticate", "The bank has no question at this address.", 404)
