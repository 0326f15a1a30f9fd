"""The portal's page for another card."""

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.stripe import attempts
from sandbox.stripe.errors import StripeError
from sandbox.stripe.portal import make_default
from sandbox.stripe.typed_cards import (
    AUTHENTICATION_FAILED,
    TEST_CARDS,
    asks_its_holder,
    refuse_if_declined,
    take_card,
)
from sandbox.stripe.world import Object, StripeWorld

from .forms import CARD, Form, check_card, put_card_error
from .portal_frame import PATH, address_of, inside
from .showing import page, said

_FEATURE = "payment_method_update"


def add_card_pages(pages: Blueprint, world: StripeWorld) -> None:
    @pages.get(f"{PATH}/card")
    def portal_card(token: str) -> AnyResponse:
        return inside(world, token, _FEATURE, _asked)

    @pages.post(f"{PATH}/card")
    def change_card(token: str) -> AnyResponse:
        return inside(world, token, _FEATURE, lambda session: _answer(world, session))

    @pages.get(f"{PATH}/card/changed")
    def card_changed(token: str) -> AnyResponse:
        return inside(world, token, _FEATURE, _confirmed)

    attempts.finishes("portal")(_come_back)


def _asked(session: Object) -> Response:
    form = Form(CARD, {})
    if "failed" in request.args:
        form.errors["number"] = AUTHENTICATION_FAILED
    return _shown(session, form)


def _answer(world: StripeWorld, session: Object) -> AnyResponse:
    form = Form(CARD, request.form)
    if number := request.form.get("fill"):
        form.fill_card(number, world.now())
        return _shown(session, form)
    check_card(form, world.now())
    if form.is_good:
        try:
            return redirect(_take(world, session, form), 303)
        except StripeError as error:
            put_card_error(form, error)
    return _shown(session, form)


def _take(world: StripeWorld, session: Object, form: Form) -> str:
    customer = world.get("customer", session["customer"])
    about = {name: customer[name] for name in ("email", "name", "address")}
    method = take_card(world, form.digits, form.expires(), about)
    refuse_if_declined(world, method, 0)
    if asks_its_holder(method):
        return attempts.begin(
            world,
            "portal",
            method,
            portal=session["id"],
            amount=0,
            currency="usd",
            leads_to=_redirect(session),
        )
    return _keep(world, session, method)


def _come_back(world: StripeWorld, attempt: Object, passed: bool) -> str:
    session = world.get("billing_portal.session", attempt["portal"])
    if not passed:
        return address_of(session, "/card?failed=yes")
    method = world.get("payment_method", attempt["payment_method"])
    method["_authenticated"] = True
    return _keep(world, session, method)


def _keep(world: StripeWorld, session: Object, method: Object) -> str:
    make_default(world, world.get("customer", session["customer"]), method)
    if session["flow"]:
        return _redirect(session) or address_of(session, "/card/changed")
    return address_of(session, "?home=card")


def _redirect(session: Object) -> str:
    """Where the flow ends outside, if it does."""
    after = session["flow"]["after_completion"] if session["flow"] else {}
    return after["redirect"]["return_url"] if after.get("redirect") else ""


def _confirmed(session: Object) -> AnyResponse:
    after = session["flow"]["after_completion"] if session["flow"] else {}
    if after.get("type") != "hosted_confirmation":
        return redirect(address_of(session, "?home=card"), 303)
    return said(
        "Your card was changed",
        after["hosted_confirmation"]["custom_message"] or "It pays from now on.",
        address=session["return_url"] or "",
        label="Go back",
    )


def _shown(session: Object, form: Form) -> Response:
    return page(
        "portal_card.html",
        200 if form.is_good else 422,
        leads_to=(_redirect(session),),
        form=form,
        cards=TEST_CARDS,
        back=session["return_url"] if session["flow"] else address_of(session),
    )
