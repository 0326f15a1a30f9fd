"""The portal's pages for who pays: name, address, e-mail, tax ids."""

from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox.stripe.calls import Call
from sandbox.stripe.errors import StripeError
from sandbox.stripe.resources import customers, tax_ids
from sandbox.stripe.world import Object, StripeWorld

from .forms import ADDRESS, COUNTRIES, TAX_ID_KINDS, Form, check_address, check_email
from .portal_frame import PATH, address_of, features_of, inside
from .showing import page, said

_FEATURE = "customer_update"
_TAX_ID = ("tax_id_type", "tax_id")


def add_details_pages(pages: Blueprint, world: StripeWorld) -> None:
    @pages.get(f"{PATH}/details")
    def portal_details(token: str) -> AnyResponse:
        return inside(world, token, _FEATURE, lambda session: _asked(world, session))

    @pages.post(f"{PATH}/details")
    def change_details(token: str) -> AnyResponse:
        return inside(world, token, _FEATURE, lambda session: _change(world, session))

    @pages.get(f"{PATH}/tax-ids")
    def portal_tax_ids(token: str) -> AnyResponse:
        return inside(world, token, _FEATURE, lambda session: _tax_ids(world, session))

    @pages.post(f"{PATH}/tax-ids")
    def add_tax_id(token: str) -> AnyResponse:
        return inside(world, token, _FEATURE, lambda session: _add(world, session))

    @pages.post(f"{PATH}/tax-ids/<identifier>/delete")
    def delete_tax_id(token: str, identifier: str) -> AnyResponse:
        return inside(world, token, _FEATURE, lambda session: _delete(world, session, identifier))


# Name, e-mail and address


def _asked(world: StripeWorld, session: Object) -> Response:
    customer = world.get("customer", session["customer"])
    known = {name: customer[name] for name in ("name", "email")} | (customer["address"] or {})
    form = Form(_fields(world, session), {name: value or "" for name, value in known.items()})
    return _shown(world, session, form)


def _change(world: StripeWorld, session: Object) -> AnyResponse:
    form = Form(_fields(world, session), request.form)
    allowed = _allowed(world, session)
    if "email" in allowed:
        check_email(form)
    if "address" in allowed:
        check_address(form)
    if not form.is_good:
        return _shown(world, session, form)
    changed: dict[str, Any] = {name: form[name] for name in ("name", "email") if name in allowed}
    if "address" in allowed:
        changed["address"] = form.address
    customers.update(Call(world, changed, {"customer": session["customer"]}))
    return redirect(address_of(session, "?home=details"), 303)


def _fields(world: StripeWorld, session: Object) -> list[str]:
    allowed = _allowed(world, session)
    fields = [name for name in ("name", "email") if name in allowed]
    return fields + list(ADDRESS) * ("address" in allowed)


def _allowed(world: StripeWorld, session: Object) -> list[str]:
    allowed: list[str] = features_of(world, session)[_FEATURE]["allowed_updates"]
    return allowed


def _shown(world: StripeWorld, session: Object, form: Form) -> Response:
    return page(
        "portal_details.html",
        200 if form.is_good else 422,
        form=form,
        allowed=_allowed(world, session),
        countries=COUNTRIES,
        back=address_of(session, "?home=yes"),
    )


# Tax ids


def _tax_ids(world: StripeWorld, session: Object, form: Form | None = None) -> Response:
    if "tax_id" not in _allowed(world, session):
        return said("Nothing here", "This portal does not offer that.", 404)
    form = form or Form(_TAX_ID, {})
    return page(
        "portal_tax_ids.html",
        200 if form.is_good else 422,
        form=form,
        kinds=TAX_ID_KINDS,
        tax_ids=list(world.all("tax_id", customer=session["customer"])),
        here=address_of(session),
        back=address_of(session, "?home=yes"),
    )


def _add(world: StripeWorld, session: Object) -> AnyResponse:
    form = Form(_TAX_ID, request.form)
    form.require(tax_id_type="Choose the kind of tax id.", tax_id="Type the tax id.")
    if form.is_good and "tax_id" in _allowed(world, session):
        customer = world.get("customer", session["customer"])
        sent = {"type": form["tax_id_type"], "value": form["tax_id"]}
        try:
            tax_ids.add_tax_id(world, customer, sent)
        except StripeError as error:
            form.errors["tax_id"] = str(error)
        else:
            return redirect(address_of(session, "?home=tax-ids"), 303)
    return _tax_ids(world, session, form)


def _delete(world: StripeWorld, session: Object, identifier: str) -> AnyResponse:
    customer = session["customer"]
    owned = any(each["id"] == identifier for each in world.all("tax_id", customer=customer))
    if owned and "tax_id" in _allowed(world, session):
        tax_ids.delete(Call(world, {}, {"customer": customer, "id": identifier}))
    return redirect(address_of(session, "/tax-ids"), 303)
