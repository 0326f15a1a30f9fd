"""The form of Checkout: what it asks of whom, and what is wrong with what came."""

from collections.abc import Mapping

from sandbox.stripe.checkout.bill import Bill
from sandbox.stripe.checkout.paying import needs_card
from sandbox.stripe.checkout.settling import Details, promotion
from sandbox.stripe.errors import StripeError
from sandbox.stripe.resources.tax_ids import add_tax_id
from sandbox.stripe.world import Object, StripeWorld

from .forms import ADDRESS, CARD, Form, check_address, check_card, check_email, put_card_error

_ASKED = ("email", "name", "business_name", "tax_id_type", "tax_id", "promotion_code")
FIELDS = (*_ASKED, *ADDRESS, *CARD)


def fresh_form(world: StripeWorld, session: Object) -> Form:
    """With what is known of the customer."""
    customer = world.find("customer", session["customer"]) or {}
    known = {"name": customer.get("name"), **(customer.get("address") or {})}
    return Form(FIELDS, {name: value for name, value in known.items() if value})


def known_email(world: StripeWorld, session: Object) -> str:
    """The address that is not asked for, and can't be changed."""
    customer = world.find("customer", session["customer"]) or {}
    return customer.get("email") or session["customer_email"] or ""


def read_form(sent: Mapping[str, str]) -> Form:
    return Form(FIELDS, sent)


def check_form(world: StripeWorld, session: Object, form: Form) -> None:
    """All but the card, which depends on what is due."""
    if not known_email(world, session):
        check_email(form)
    form.require(name="Enter the name on the card.")
    if session["billing_address_collection"] == "required":
        check_address(form)
    elif session["automatic_tax"]["enabled"]:
        form.require(country="Choose a country: the tax depends on it.")
    _check_tax_id(form)
    check_promotion(world, form)


def check_payment(session: Object, form: Form, bill: Bill, now: int) -> None:
    if needs_card(session, bill):
        check_card(form, now)


def check_promotion(world: StripeWorld, form: Form) -> None:
    if form["promotion_code"] and promotion(world, form["promotion_code"]) is None:
        form.errors["promotion_code"] = "This code is invalid."


def details_of(world: StripeWorld, session: Object, form: Form) -> Details:
    """Ready for whoever settles it."""
    details: Details = {name: form[name] for name in _ASKED}
    details["email"] = known_email(world, session) or form["email"]
    if form["country"]:
        details["address"] = form.address
    return details


def put_error(form: Form, error: StripeError) -> None:
    if error.error.get("code") == "tax_id_invalid":
        form.errors["tax_id"] = str(error)
    else:
        put_card_error(form, error)


def _check_tax_id(form: Form) -> None:
    if bool(form["tax_id"]) != bool(form["tax_id_type"]):
        form.errors["tax_id"] = "Choose the kind of tax id, and type it."
    elif form["tax_id"]:
        try:
            # Into a world that nobody looks at: a form that is refused must leave no trace.
            add_tax_id(
                StripeWorld(), {"id": ""}, {"type": form["tax_id_type"], "value": form["tax_id"]}
            )
        except StripeError as error:
            put_error(form, error)
