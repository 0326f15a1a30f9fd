"""The prices, for anybody to read, and for programs."""

from tests.factories import PriceFactory


def test_anybody_reads_the_prices(client, db, queries):
    PriceFactory()
    PriceFactory(interval="year", amount=32000)

    with queries() as asked:
        page = client.get("/plans/")

    text = page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert all(amount in text for amount in ("€ 32.00", "€ 320.00", "€ 64.00"))
    assert "50,000 private lines of code and 5 members" in text
    assert len(asked) == 1


def test_in_another_currency(client, db):
    PriceFactory(currency="gbp", amount=2800)

    assert "£\N{NO-BREAK SPACE}28.00" in client.get("/plans/?currency=gbp").text
    assert "Team is not sold here yet." in client.get("/plans/?currency=nothing").text


def test_where_nothing_is_sold_that_is_said(client, db, settings, queries):
    settings.BILLING = False
    PriceFactory()

    page = client.get("/plans/")

    assert "Nothing is sold here" in page.text and "€" not in page.text


def test_programs_read_the_catalogue(program_of, alice):
    PriceFactory()
    PriceFactory(interval="year", amount=32000)
    PriceFactory(loc_limit=250_000, amount=7500)

    answer = program_of(alice).get("/api/v1/plans").json()

    free, team, enterprise = answer["results"]
    assert (free["plan"], free["loc_limit"], free["members"]) == ("free", 50_000, 5)
    assert [tier["tier"] for tier in team["tiers"]] == [100_000, 250_000]
    assert team["tiers"][0]["prices"] == [
        {"interval": "month", "currency": "eur", "amount": 3200},
        {"interval": "year", "currency": "eur", "amount": 32000},
    ]
    assert (team["trial_days"], enterprise["loc_from"]) == (14, 2_000_000)
    assert enterprise["contact"] == "mooring@example.com"
    assert answer["next"] is answer["previous"] is None
