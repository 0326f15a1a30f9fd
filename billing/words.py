"""Plans and dates, as people read them."""

import re
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from billing.catalogue import tier_title
from billing.directions import Sold

_RHYTHM = {"month": ", monthly", "year": ", yearly"}


def title_of(sold: Sold) -> str:
    """Of a subscription or a price: `Team 250k, monthly`."""
    if sold.plan == "free":
        return "Free"
    return f"{sold.plan.title()} {tier_title(sold.loc_limit)}{_RHYTHM.get(sold.interval, '')}"


def day(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%A %-d %B %Y}" if at else "a day that is not known yet"


def moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%A %-d %B %Y, %H:%M} UTC" if at else day(None)


def without_links(text: str) -> str:
    """Whoever has the address of a checkout, a portal or an invoice may use it."""
    return re.sub(r"https?://\S+", "[address]", text)


def address_lines(address: dict[str, str | None]) -> list[str]:
    """As Stripe has it, with what there is of it."""
    known = {name: part or "" for name, part in address.items()}
    town = f"{known.get('postal_code', '')} {known.get('city', '')}".strip()
    lines = [known.get("line1", ""), known.get("line2", ""), town, known.get("state", "")]
    return [line for line in [*lines, known.get("country", "")] if line]


def card_in_words(card: dict[str, Any]) -> str:
    """`Visa ending in 4242, valid until 12/2039`; empty for none."""
    if not card:
        return ""
    brand = str(card.get("brand")).replace("_", " ").title()
    ends = f" ending in {card['last4']}" if card.get("last4") else ""
    month, year = card.get("exp_month"), card.get("exp_year")
    return f"{brand}{ends}" + (f", valid until {month}/{year}" if year else "")


def plus_tax() -> str:
    """After an amount without it."""
    return " plus tax" if settings.BILLING_AUTOMATIC_TAX else ""
