"""The catalogue: what is sold, and which files are refused as one."""

import pytest

from billing.catalogue import FILE, CatalogueError, catalogue, read, tier_name, tier_title

TEXT = FILE.read_text()


def test_what_is_sold():
    known = catalogue()

    assert (known.free.loc_limit, known.free.members) == (50_000, 5)
    assert known.tiers == (100_000, 250_000, 500_000, 1_000_000, 1_900_000)
    assert known.currencies == ("eur", "usd", "gbp")
    assert (known.trial_days, known.enterprise_from) == (14, 2_000_000)
    assert len(known.prices) == len({price.lookup_key for price in known.prices}) == 30


def test_a_year_costs_ten_months():
    amounts = {(p.loc_limit, p.currency, p.interval): p.amount for p in catalogue().prices}

    for (limit, currency, interval), amount in amounts.items():
        if interval == "year":
            assert amount == 10 * amounts[limit, currency, "month"]


def test_lookup_keys_name_all_that_is_chosen():
    keys = [price.lookup_key for price in catalogue().prices]

    assert {"team-100k-month-eur-v1", "team-1m-year-usd-v1", "team-1900k-month-gbp-v1"} < set(keys)


@pytest.mark.parametrize(
    ("loc", "name", "title"),
    [
        (100_000, "100k", "100k"),
        (1_000_000, "1m", "1M"),
        (1_900_000, "1900k", "1.9M"),
        (2_000_000, "2m", "2M"),
    ],
)
def test_a_tier_has_a_name_for_programs_and_one_for_people(loc, name, title):
    assert (tier_name(loc), tier_title(loc)) == (name, title)


def test_a_price_gets_a_new_version():
    changed = TEXT.replace("eur = 3200,", "eur = { amount = 3500, version = 2 },", 1)

    price = next(p for p in read(changed).prices if p.loc_limit == 100_000 and p.currency == "eur")

    assert (price.lookup_key, price.amount) == ("team-100k-month-eur-v2", 3500)


MISTAKES = {
    "no TOML": ("[free]", "[free", "no TOML"),
    "amount with a dot": (
        "eur = 3200",
        "eur = 32.00",
        "eur: has to be a whole number",
    ),
    "amount of nothing": ("eur = 3200", "eur = 0", "month.eur: has to be above zero"),
    "true is no number": ("members = 5", "members = true", "free.members: has to be a whole num"),
    "misspelled": ("members = 5", "member = 5", "free.member: is nothing we know"),
    "missing": ("trial_days = 14", "", "team.trial_days: is missing"),
    "a currency that is none": ("eur = 3200", "EUR = 3200", "month.EUR: is no currency"),
    "a hole": ("eur = 7500,", "", "team.tiers, 250k: month.eur is missing"),
    "a currency nobody sells": ('"eur"', '"sek"', "100k: month.sek is missing"),
    "cheaper when larger": ("eur = 7500", "eur = 3100", "a larger tier has to cost more"),
    "a dear year": ("eur = 32000,", "eur = 38500,", "year.eur: costs more than twelve months"),
    "tiers in disorder": ("loc_limit = 100_000", "loc_limit = 300_000", "loc_limit has to grow"),
    "a tier as small as Free": ("= 50_000", "= 100_000", "free.loc_limit: is not below"),
    "Enterprise among the tiers": ("= 2_000_000", "= 1_000_000", "enterprise.loc_from: is not"),
    "an odd tier": ("= 250_000", "= 250_500", "tiers[1].loc_limit: is not in whole thousands"),
    "unknown feature": ('"api"]', '"apis"]', "free.features: names apis"),
    "half a version": ("eur = 3200", "eur = { amount = 1 }", "month.eur.version: is missing"),
}


@pytest.mark.parametrize(("was", "now", "why"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_the_file_is_named(was, now, why):
    assert was in TEXT

    with pytest.raises(CatalogueError) as refusal:
        read(TEXT.replace(was, now, 1))

    assert why in str(refusal.value)
