"""Checkout: what is bought, who buys it, and with which card."""

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.stripe import attempts
from sandbox.stripe.checkout.bill import Bill, first_bill
from sandbox.stripe.checkout.paying import needs_card, pay
from sandbox.stripe.checkout.sessions import is_open, success_address
from sandbox.stripe.errors import StripeError
from sandbox.stripe.typed_cards import AUTHENTICATION_FAILED, TEST_CARDS, asks_its_holder, take_card
from sandbox.stripe.world import Object, StripeWorld

from .checkout_form import (
    FIELDS,
    check_form,
    check_payment,
    check_promotion,
    details_of,
    fresh_form,
    known_email,
    put_error,
    read_form,
)
from .forms import COUNTRIES, TAX_ID_KINDS, Form
from .showing import money, page, said

_PATH = "/stripe/checkout/<identifier>"


def add_checkout_pages(pages: Blueprint, world: StripeWorld) -> None:
    @pages.get(_PATH)
    def checkout(identifier: str) -> Response:
        with world.lock:
            session = world.find("checkout.session", identifier)
            if session is None or not is_open(world, session):
                return _not_open(session)
            form = _returning(world, session) or fresh_form(world, session)
            return _shown(world, session, form)

    @pages.post(_PATH)
    def pay_checkout(identifier: str) -> AnyResponse:
        with world.lock:
            session = world.find("checkout.session", identifier)
            if session is None:
                return _not_open(session)
            if not is_open(world, session):
                return redirect(_way_on(session), 303)
            return _answer(world, session, read_form(request.form))

    attempts.finishes("checkout")(_come_back)


def _answer(world: StripeWorld, session: Object, form: Form) -> AnyResponse:
    if number := request.form.get("fill"):
        form.fill_card(number, world.now())
        return _shown(world, session, form)
    if request.form.get("apply"):
        check_promotion(world, form)
        return _shown(world, session, form)
    check_form(world, session, form)
    if form.is_good:
        try:
            if address := _paid(world, session, form):
                return redirect(address, 303)
        except StripeError as error:
            put_error(form, error)
    return _shown(world, session, form)


def _paid(world: StripeWorld, session: Object, form: Form) -> str | None:
    """Where to go on, or None if the form must be looked at again."""
    details = details_of(world, session, form)
    bill = first_bill(world, session, details)
    check_payment(session, form, bill, world.now())
    if request.form.get("shown") not in (None, str(bill.due)):
        form.notice = (
            f"With this address, {money(bill.due, bill.currency)} are due today. Nothing was "
            "paid yet: look at it, and pay if you agree."
        )
    if not form.is_good:
        return None
    method = _method(world, form, details) if needs_card(session, bill) else None
    if method is not None and asks_its_holder(method):
        return _ask_bank(world, session, form, method, bill)
    pay(world, session, details, method)
    return _way_on(session)


def _method(world: StripeWorld, form: Form, details: Object) -> Object:
    about = {name: details.get(name) for name in ("email", "name", "address")}
    return take_card(world, form.digits, form.expires(), about)


def _ask_bank(world: StripeWorld, session: Object, form: Form, method: Object, bill: Bill) -> str:
    return attempts.begin(
        world,
        "checkout",
        method,
        session=session["id"],
        # The card's number is not kept, as nowhere else.
        typed={name: form[name] for name in FIELDS if name not in ("number", "cvc")},
        details=details_of(world, session, form),
        amount=bill.due,
        currency=bill.currency,
        leads_to=session["success_url"],
    )


def _come_back(world: StripeWorld, attempt: Object, passed: bool) -> str:
    session = world.get("checkout.session", attempt["session"])
    if not is_open(world, session):
        return _way_on(session)
    form = Form(FIELDS, attempt["typed"])
    try:
        if not passed:
            raise StripeError(AUTHENTICATION_FAILED, kind="card_error")
        method = world.get("payment_method", attempt["payment_method"])
        pay(world, session, attempt["details"], method, authenticated=True)
    except StripeError as error:
        put_error(form, error)
        attempt["errors"], attempt["notice"] = form.errors, form.notice
        return f"/stripe/checkout/{session['id']}?attempt={attempt['id']}"
    return _way_on(session)


def _returning(world: StripeWorld, session: Object) -> Form | None:
    """What was typed before the bank said no."""
    attempt = world.find(attempts.KIND, request.args.get("attempt"))
    if attempt is None or attempt.get("session") != session["id"] or "errors" not in attempt:
        return None
    form = Form(FIELDS, attempt["typed"])
    form.errors, form.notice = attempt["errors"], attempt["notice"]
    return form


def _way_on(session: Object) -> str:
    if session["status"] == "complete":
        return success_address(session)
    return f"/stripe/checkout/{session['id']}"


def _shown(world: StripeWorld, session: Object, form: Form) -> Response:
    details = details_of(world, session, form)
    if "promotion_code" in form.errors:
        details["promotion_code"] = ""
    if "tax_id" in form.errors:
        details["tax_id"] = ""
    try:
        bill = first_bill(world, session, details)
    except StripeError as error:
        return _off_sale(session, error)
    return page(
        "checkout.html",
        200 if form.is_good else 422,
        leads_to=(session["success_url"],),
        session=session,
        form=form,
        bill=bill,
        email=known_email(world, session),
        asks_for_card=needs_card(session, bill),
        cards=TEST_CARDS,
        countries=COUNTRIES,
        tax_id_kinds=TAX_ID_KINDS,
    )


def _not_open(session: Object | None) -> Response:
    if session is None:
        return said("Nothing to pay here", "There is no Checkout session at this address.", 404)
    if session["status"] == "complete":
        return said(
            "You have paid already",
            "This page was for one purchase, and it is done. Nothing more is charged.",
            address=success_address(session),
            label="Go on",
        )
    return said(
        "This page has expired",
        "Nothing was paid. Go back and start again to get a new one.",
        address=session["cancel_url"] or "",
        label="Go back",
    )


def _off_sale(session: Object, error: StripeError) -> Response:
    """Something changed since the session was made, and another amount is not charged instead."""
    return said(
        "This can't be bought any more",
        f"{error} Nothing was paid.",
        409,
        address=session["cancel_url"] or "",
        label="Go back",
    )
