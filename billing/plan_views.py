"""What the plans cost, for anybody to read."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from billing.catalogue import catalogue, tier_title
from billing.models import CatalogPrice, Interval, Plan
from billing.money import in_words
from billing.prices import sold


@login_not_required
def published(request: HttpRequest) -> HttpResponse:
    """Also before signing up. The currency is one of ours, or the default."""
    known = catalogue()
    asked = request.GET.get("currency", "").lower()
    currency = asked if asked in known.currencies else known.default_currency
    prices = sold(Plan.TEAM, currency=currency) if settings.BILLING else []
    context = {
        "is_selling": settings.BILLING,
        "known": known,
        "currency": currency,
        "rows": _rows(prices),
        "enterprise_from": tier_title(known.enterprise_from),
        "features": [(known.features[code], _plans_with(code)) for code in known.features],
        "contact": settings.BILLING_CONTACT,
        "nothing": in_words(0, currency),
    }
    return render(request, "billing/plans.html", context)


def _rows(prices: list[CatalogPrice]) -> list[dict[str, Any]]:
    """A tier each, with what it costs by the month and by the year."""
    rows: dict[int, dict[str, Any]] = {}
    for price in prices:
        row = rows.setdefault(price.loc_limit, {"loc_limit": price.loc_limit})
        row[price.interval] = in_words(price.amount, price.currency)
        row[f"{price.interval}_amount"] = price.amount
    for row in rows.values():
        saved = 12 * row.get("month_amount", 0) - row.get("year_amount", 0)
        if {Interval.MONTH, Interval.YEAR} <= row.keys() and saved > 0:
            row["saved"] = in_words(saved, prices[0].currency)
    return list(rows.values())


def _plans_with(code: str) -> list[str]:
    return [plan.label for plan in Plan if code in catalogue().plan(plan).features]
