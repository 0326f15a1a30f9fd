"""What differs between the catalogue and Stripe, and what would make it equal. Nothing is asked
here, and nothing changed.
"""

from dataclasses import dataclass, field
from typing import Any

from billing import portal
from billing.catalogue import Catalogue, Price, tier_name, tier_title
from billing.errors import CatalogueRefused
from billing.money import in_words
from billing.stripe_api import Answer

# Others may use the same account at Stripe: what has this is ours to change.
OURS = {"catalogue": "mooring"}


@dataclass(frozen=True)
class Found:
    """What is at Stripe: our products by id, prices by lookup key, whoever's
    they are, and the portal's configuration."""

    products: dict[str, Answer]
    prices: dict[str, Answer]
    portal: Answer | None


@dataclass(frozen=True)
class Step:
    """Something to do: `verb` is keep, create, change, restore or archive."""

    verb: str
    kind: str
    name: str
    said: str = ""
    identifier: str = ""
    values: dict[str, Any] = field(default_factory=dict)


def is_ours(thing: Answer) -> bool:
    return OURS.items() <= (thing.get("metadata") or {}).items()


def _product_id(plan: str, loc_limit: int) -> str:
    """Ours to choose: so of two at once only one makes it."""
    return f"mooring-{plan}-{tier_name(loc_limit)}"


def _products(known: Catalogue) -> dict[str, dict[str, Any]]:
    return {
        _product_id("team", limit): {
            "name": f"Team {tier_title(limit)}",
            "description": f"Up to {limit:,} private lines of code",
            "metadata": {**OURS, "plan": "team", "loc_limit": str(limit)},
        }
        for limit in known.tiers
    }


def _fixed(price: Price) -> dict[str, Any]:
    """What Stripe never changes of a price."""
    return {
        "product": _product_id(price.plan, price.loc_limit),
        "currency": price.currency,
        "unit_amount": price.amount,
        "recurring": {"interval": price.interval},
    }


def _params(price: Price) -> dict[str, Any]:
    about = {"plan": price.plan, "loc_limit": str(price.loc_limit), "version": str(price.version)}
    more = {"lookup_key": price.lookup_key, "tax_behavior": "exclusive"}
    return {**_fixed(price), **more, "metadata": {**OURS, **about}}


def compare(known: Catalogue, found: Found) -> list[Step]:
    """The steps that make Stripe equal to the catalogue. Raises CatalogueRefused."""
    wanted = {price.lookup_key for price in known.prices}
    products = _products(known)
    left = [each for key, each in found.prices.items() if key not in wanted and is_ours(each)]
    gone = [each for each in found.products.values() if each["id"] not in products]
    return [
        *(_product_step(each, products[each], found.products.get(each)) for each in products),
        *(_price_step(price, found.prices.get(price.lookup_key)) for price in known.prices),
        *(_archive("price", each["lookup_key"], each) for each in left if each["active"]),
        *(_archive("product", each["name"], each) for each in gone if each["active"]),
        _portal_step(found.portal),
    ]


def _product_step(identifier: str, wanted: dict[str, Any], there: Answer | None) -> Step:
    said = wanted["description"]
    if there is None:
        values = {"id": identifier, **wanted}
        return Step("create", "product", wanted["name"], said, identifier, values)
    verb = "restore" if not there["active"] else "keep"
    if verb == "keep" and any(there.get(name) != value for name, value in wanted.items()):
        verb = "change"
    return Step(verb, "product", wanted["name"], said, identifier, {**wanted, "active": True})


def _price_step(price: Price, there: Answer | None) -> Step:
    said = f"{in_words(price.amount, price.currency)} a {price.interval}"
    if there is None:
        return Step("create", "price", price.lookup_key, said, values=_params(price))
    _refuse_another_price(price, there)
    verb = "keep" if there["active"] else "restore"
    return Step(verb, "price", price.lookup_key, said, there["id"], {"active": True})


def _refuse_another_price(price: Price, there: Answer) -> None:
    if not is_ours(there):
        raise CatalogueRefused(
            f"{price.lookup_key}: the price {there['id']} at Stripe has this lookup key, and was"
            " not made by us. Take the lookup key away from it there."
        )
    if there["unit_amount"] != price.amount and there["currency"] == price.currency:
        raise edited(price, there["unit_amount"])
    is_so = {**there, "recurring": {"interval": (there["recurring"] or {}).get("interval")}}
    for name, value in _fixed(price).items():
        if is_so[name] != value:
            raise CatalogueRefused(
                f"{price.lookup_key}: the price {there['id']} at Stripe has this lookup key, and"
                f" its {name} is {is_so[name]!r}, not {value!r}. Take the lookup key away from it"
                " there, or give ours a new version in the catalogue."
            )


def edited(price: Price, sold_at: int) -> CatalogueRefused:
    was, now = in_words(sold_at, price.currency), in_words(price.amount, price.currency)
    return CatalogueRefused(
        f"{price.lookup_key} is sold at {was}, and the catalogue says {now}. The amount of a price"
        " never changes, since people pay it. Give it a new version in billing/catalogue.toml:"
        f" {price.currency} = {{ amount = {price.amount}, version = {price.version + 1} }}."
    )


def _archive(kind: str, name: str, there: Answer) -> Step:
    said = "sold no longer; who pays it goes on" if kind == "price" else ""
    return Step("archive", kind, name, said, there["id"], {"active": False})


def _portal_step(there: Answer | None) -> Step:
    wanted = {**portal.wanted(), "metadata": OURS}
    if there is None:
        return Step("create", "portal", "what customers may do there", values=wanted)
    verb = "keep" if _as_wanted(there, wanted) else "change"
    return Step(verb, "portal", "what customers may do there", "", there["id"], wanted)


def _as_wanted(there: Answer, wanted: dict[str, Any]) -> bool:
    """Stripe adds what we don't name, and keeps lists in an order of its own."""
    for name, value in wanted.items():
        has = there.get(name)
        if isinstance(value, dict):
            if not isinstance(has, dict) or not _as_wanted(has, value):
                return False
        elif (sorted(has or []) if isinstance(value, list) else has) != value:
            return False
    return True
