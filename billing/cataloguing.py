"""Making Stripe, and our own table of prices, equal to the catalogue.

First one looks and compares, which changes nothing; the steps found are carried out; then one
looks again, and what is there is written down. So two who do it at once end in the same.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from billing import portal
from billing.catalogue import Catalogue
from billing.comparing import Found, Step, compare, edited, is_ours
from billing.errors import CatalogueRefused, StripeRefused
from billing.models import CatalogPrice, PortalConfiguration
from billing.stripe_api import Answer, ask, every, is_live

# Stripe takes so many lookup keys at a time.
MOST_KEYS = 10


def steps_needed(known: Catalogue) -> list[Step]:
    """What would make Stripe equal to the catalogue. Raises CatalogueRefused."""
    _refuse_a_mix()
    _refuse_what_was_sold_otherwise(known)
    return compare(known, _look(known))


def _look(known: Catalogue) -> Found:
    """Ask for all that is ours, and for whatever has one of our lookup keys."""
    ours = [each for each in every(lambda v1: v1.products.list({"limit": 100})) if is_ours(each)]
    prices = [price for product in ours for price in _prices_of(product["id"])]
    wanted = [price.lookup_key for price in known.prices]
    for first in range(0, len(wanted), MOST_KEYS):
        prices += _prices_with(wanted[first : first + MOST_KEYS])
    if any(each["livemode"] != is_live() for each in [*ours, *prices]):
        raise CatalogueRefused("Stripe answered with what is of another mode than our key.")
    return Found(
        products={each["id"]: each for each in ours},
        prices={each["lookup_key"]: each for each in prices if each["lookup_key"]},
        portal=_portal(),
    )


def _prices_of(product: str) -> Iterable[Answer]:
    return every(lambda v1: v1.prices.list({"product": product, "limit": 100}))


def _prices_with(lookup_keys: list[str]) -> Iterable[Answer]:
    return every(lambda v1: v1.prices.list({"lookup_keys": lookup_keys, "limit": 100}))


def _portal() -> Answer | None:
    listed = every(lambda v1: v1.billing_portal.configurations.list({"active": True, "limit": 100}))
    found = [each for each in listed if is_ours(each)]
    kept = portal.configuration_id()
    # Two at once may have made two. The one that is in use stays, or the older one.
    return min(found, key=lambda each: (each["id"] != kept, each["created"]), default=None)


def _refuse_a_mix() -> None:
    """Prices in live mode and in test mode look the same, and are not."""
    mode, other = ("live", "test") if is_live() else ("test", "live")
    if CatalogPrice.objects.filter(is_live=not is_live()).exists():
        raise CatalogueRefused(
            f"This database holds prices of {other} mode, and STRIPE_SECRET_KEY is a key for {mode}"
            f" mode. Use a key for {other} mode, or a database of its own for {mode} mode."
        )


def _refuse_what_was_sold_otherwise(known: Catalogue) -> None:
    """Stripe may be another account by now, or emptied: our own table remembers too."""
    amounts = dict(CatalogPrice.objects.values_list("lookup_key", "amount"))
    for price in known.prices:
        if amounts.get(price.lookup_key, price.amount) != price.amount:
            raise edited(price, amounts[price.lookup_key])


def carry_out(known: Catalogue, steps: list[Step]) -> None:
    """Do what is to be done, and write down what is sold from now on."""
    for step in steps:
        if step.verb == "create":
            _create(step)
        elif step.verb != "keep":
            _update(step)
    found = _look(known)
    if undone := [step for step in compare(known, found) if step.verb == "create"]:
        raise CatalogueRefused(f"Stripe does not have {undone[0].name}, which was just made.")
    _write_down(known, found)


def _create(step: Step) -> None:
    try:
        ask(lambda v1: _at(v1, step.kind).create(step.values))
    except StripeRefused:
        # Somebody else may have made it just now; looking again will show.
        if not _is_there(step):
            raise


def _is_there(step: Step) -> bool:
    try:
        match step.kind:
            case "product":
                return bool(ask(lambda v1: v1.products.retrieve(step.identifier)))
            case "price":
                return any(_prices_with([step.name]))
    except StripeRefused:
        return False
    return False


def _update(step: Step) -> None:
    ask(lambda v1: _at(v1, step.kind).update(step.identifier, step.values))


def _at(v1: Any, kind: str) -> Any:
    return {
        "product": v1.products,
        "price": v1.prices,
        "portal": v1.billing_portal.configurations,
    }[kind]


@transaction.atomic
def _write_down(known: Catalogue, found: Found) -> None:
    sold = {price.lookup_key for price in known.prices}
    _refuse_another_account(found)
    # These first: at one time only one price is sold for each choice.
    CatalogPrice.objects.filter(is_sold=True).exclude(lookup_key__in=sold).update(is_sold=False)
    rows = [
        _row(there, is_sold=key in sold)
        for key, there in sorted(found.prices.items())
        if is_ours(there)
    ]
    CatalogPrice.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["lookup_key"],
        update_fields=["product_id", "price_id", "is_sold"],
    )
    if found.portal:
        PortalConfiguration.objects.update_or_create(
            is_live=is_live(), defaults={"configuration_id": found.portal["id"]}
        )


def _refuse_another_account(found: Found) -> None:
    """In test mode one starts over now and then; in live mode customers hang on these ids."""
    ids = dict(CatalogPrice.objects.filter(is_live=True).values_list("lookup_key", "price_id"))
    for key, there in found.prices.items():
        if ids.get(key, there["id"]) != there["id"]:
            raise CatalogueRefused(
                f"{key} is {ids[key]} in this database and {there['id']} at Stripe: the key belongs"
                " to another account there. Use the key of the account that the customers are in."
            )


def _row(there: Answer, *, is_sold: bool) -> CatalogPrice:
    about = there["metadata"]
    return CatalogPrice(
        lookup_key=there["lookup_key"],
        plan=about["plan"],
        loc_limit=int(about["loc_limit"]),
        interval=there["recurring"]["interval"],
        currency=there["currency"],
        amount=there["unit_amount"],
        version=int(about["version"]),
        product_id=there["product"],
        price_id=there["id"],
        is_live=there["livemode"],
        is_sold=is_sold,
    )
