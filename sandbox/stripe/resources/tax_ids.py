"""Tax ids of customers: their form is checked at once, whether they exist a while later."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sandbox.stripe.billing.clock import also_due
from sandbox.stripe.calls import Call, handles
from sandbox.stripe.errors import Missing, StripeError
from sandbox.stripe.listing import listed
from sandbox.stripe.world import Object, StripeWorld

_FORMS = {
    "eu_vat": r"(AT)?U\d{8}|[A-Z]{2}[0-9A-Z]{8,12}",
    "gb_vat": r"GB(\d{9}|\d{12})|GB(GD|HA)\d{3}",
    "ch_vat": r"CHE-?\d{3}\.?\d{3}\.?\d{3} ?(MWST|TVA|IVA)",
    "us_ein": r"\d{2}-\d{7}",
    "ca_bn": r"\d{9}",
    "au_abn": r"\d{11}",
    "no_vat": r"\d{9}MVA",
}
_VERIFIED = {"eu_vat", "gb_vat", "au_abn"}
# As documented for test mode: these ends decide what the authority says.
_UNVERIFIED_END = "111111111"
_PENDING_END = "222222222"
# How long an authority takes to answer, in seconds.
_TAKES = 60


@handles("POST", "/v1/customers/{customer}/tax_ids")
def create(call: Call) -> Object:
    return add_tax_id(call.world, _customer(call), call.params)


@handles("GET", "/v1/customers/{customer}/tax_ids/{id}")
def retrieve(call: Call) -> Object:
    return _tax_id(call)


@handles("DELETE", "/v1/customers/{customer}/tax_ids/{id}")
def delete(call: Call) -> Object:
    found = _tax_id(call)
    call.world.remove("tax_id", found["id"])
    call.world.emit("customer.tax_id.deleted", found)
    return {"id": found["id"], "object": "tax_id", "deleted": True}


@handles("GET", "/v1/customers/{customer}/tax_ids")
def list_tax_ids(call: Call) -> Object:
    return listed(call, call.world.all("tax_id", customer=_customer(call)["id"]))


def add_tax_id(world: StripeWorld, customer: Object, params: dict[str, Any]) -> Object:
    """Raises `tax_id_invalid` for a value that can't be one. What its authority says comes later,
    by `_answer`.
    """
    kind, value = params["type"], params["value"].strip().upper()
    if not re.fullmatch(_FORMS.get(kind, r".{4,30}"), value.replace(" ", "")):
        raise StripeError(f"Invalid value for {kind}.", code="tax_id_invalid", param="value")
    status = "pending" if kind in _VERIFIED else "unavailable"
    tax_id = world.put(
        {
            "id": world.new_id("txi"),
            "object": "tax_id",
            "country": _country(kind, value),
            "created": world.now(),
            "customer": customer["id"],
            "livemode": False,
            "owner": {"customer": customer["id"], "type": "customer"},
            "type": kind,
            "value": value,
            "verification": {
                "status": status,
                "verified_address": None,
                "verified_name": None,
            },
        }
    )
    world.emit("customer.tax_id.created", tax_id)
    return tax_id


def verify_tax_ids(world: StripeWorld) -> None:
    """Let the authorities answer now for all that wait for it."""
    for _, verify in list(_answers(world)):
        verify()


@also_due
def _answers(world: StripeWorld) -> Iterator[tuple[int, Callable[[], object]]]:
    """For `…222222222` none ever comes."""
    for tax_id in world.all("tax_id"):
        waits = tax_id["verification"]["status"] == "pending"
        if waits and not tax_id["value"].endswith(_PENDING_END):
            yield tax_id["created"] + _TAKES, partial(_answer, world, tax_id)


def _answer(world: StripeWorld, tax_id: Object) -> None:
    """`…111111111` is not known to anybody."""
    good = not tax_id["value"].endswith(_UNVERIFIED_END)
    before, tax_id["verification"] = (
        tax_id["verification"],
        {
            "status": "verified" if good else "unverified",
            "verified_address": "1 Quay Street, Harbour Town" if good else None,
            "verified_name": "EXAMPLE LTD" if good else None,
        },
    )
    world.emit("customer.tax_id.updated", tax_id, verification=before)


def _customer(call: Call) -> Object:
    customer = call.world.get("customer", call["customer"])
    if customer.get("deleted"):
        raise Missing("customer", customer["id"])
    return customer


def _tax_id(call: Call) -> Object:
    found = call.world.get("tax_id", call["id"])
    if found["customer"] != call["customer"]:
        raise Missing("tax_id", call["id"])
    return found


def _country(kind: str, value: str) -> str:
    return value[:2].replace("EL", "GR") if kind == "eu_vat" else kind[:2].upper()
