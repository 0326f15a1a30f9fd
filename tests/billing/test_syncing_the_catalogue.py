"""`sync_catalogue`: Stripe is made equal to the catalogue, and nobody's price is edited."""

import itertools
import threading
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from billing.catalogue import FILE, read
from billing.models import CatalogPrice, PortalConfiguration
from billing.portal import configuration_id
from billing.prices import sold
from sandbox.stripe.faults import StripeFault
from tests.factories import PriceFactory

TEXT = FILE.read_text()
MONTH = "month = { eur = 3200,"


@pytest.fixture
def selling(monkeypatch):
    """`selling(was, now, …)`: the catalogue says something else from now on."""

    def sell(*changes):
        text = TEXT
        for was, now in changes:
            assert was in text
            text = text.replace(was, now, 1)
        path = "billing.management.commands.sync_catalogue.catalogue"
        monkeypatch.setattr(path, lambda: read(text))

    return sell


def sync(*arguments):
    said = StringIO()
    call_command("sync_catalogue", *arguments, stdout=said)
    return said.getvalue()


def changes_at(stripe):
    return [each["type"] for each in stripe.events()]


@pytest.fixture
def synced(stripe, db):
    sync("--yes")
    return stripe


def test_the_plan_is_shown_and_nothing_done_without_yes(stripe, db):
    said = sync()

    assert "create   price    team-250k-year-gbp-v1: £\N{NO-BREAK SPACE}650.00 a year" in said
    assert "Nothing was changed." in said
    assert changes_at(stripe) == []
    assert not CatalogPrice.objects.exists()


def test_each_tier_is_a_product_and_each_way_to_pay_a_price(synced):
    assert len(synced.all("product")) == 5
    assert len(synced.all("price")) == len(sold()) == 30
    product = synced.get("product", "mooring-team-250k")
    assert product["metadata"]["plan"], product["metadata"]["loc_limit"] == ("team", "250000")
    row = CatalogPrice.objects.get(lookup_key="team-250k-month-usd-v1")
    price = synced.get("price", row.price_id)
    assert (price["product"], price["unit_amount"]) == ("mooring-team-250k", row.amount)
    assert not row.is_live


def test_a_second_time_there_is_nothing_to_do(synced):
    before = changes_at(synced)

    said = sync()

    assert "keep     36" in said and "create" not in said
    assert "30 prices are sold" in said
    assert changes_at(synced) == before


@pytest.fixture
def both_have_looked(stripe):
    """Nobody has the answer to the last question before both have asked it."""
    meet, looks = threading.Barrier(2, timeout=20), itertools.count()

    def wait(endpoint, answer):
        is_last_look = answer.get("url") == "/v1/billing_portal/configurations"
        if is_last_look and next(looks) < 2:
            meet.wait()

    stripe.desk.answered.append(wait)
    yield
    stripe.desk.answered.remove(wait)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_each_thing_once(stripe, both_have_looked):
    def run():
        try:
            sync("--yes")
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(stripe.all("product")) == 5
    assert len(stripe.all("price")) == len(sold()) == 30


def test_a_new_version_is_sold_and_the_old_one_stays_for_who_pays_it(synced, selling):
    selling((MONTH, "month = { eur = { amount = 3500, version = 2 },"))

    said = sync("--yes")

    assert "create   price    team-100k-month-eur-v2: €\N{NO-BREAK SPACE}35.00 a month" in said
    assert "archive  price    team-100k-month-eur-v1: sold no longer" in said
    old = CatalogPrice.objects.get(lookup_key="team-100k-month-eur-v1")
    new = CatalogPrice.objects.get(lookup_key="team-100k-month-eur-v2")
    assert (old.is_sold, old.amount, new.is_sold, new.amount) == (False, 3200, True, 3500)
    assert not synced.get("price", old.price_id)["active"]
    assert synced.get("price", old.price_id)["unit_amount"] == 3200


def test_the_old_version_can_be_sold_again(synced, selling):
    selling((MONTH, "month = { eur = { amount = 3500, version = 2 },"))
    sync("--yes")
    selling()

    said = sync("--yes")

    assert "restore  price    team-100k-month-eur-v1" in said
    row = CatalogPrice.objects.get(lookup_key="team-100k-month-eur-v1")
    assert row.is_sold and synced.get("price", row.price_id)["active"]
    assert len(sold()) == 30


def test_an_edited_amount_is_refused_with_what_to_do(synced, selling):
    selling((MONTH, "month = { eur = 3500,"))
    before = changes_at(synced)

    with pytest.raises(CommandError) as refusal:
        sync("--yes")

    assert "eur = { amount = 3500, version = 2 }" in str(refusal.value)
    assert changes_at(synced) == before
    assert CatalogPrice.objects.get(lookup_key="team-100k-month-eur-v1").amount == 3200


def test_an_edited_amount_is_refused_also_where_stripe_has_forgotten_it(synced, selling):
    synced.reset()
    selling((MONTH, "month = { eur = 3500,"))

    with pytest.raises(CommandError, match="is sold at"):
        sync("--yes")

    assert synced.all("price") == []


def test_a_tier_that_left_is_archived_with_its_prices(synced, selling):
    tier = TEXT[TEXT.index("[[team.tiers]]\nloc_limit = 500_000") :]
    selling((tier[: tier.index("[[team.tiers]]", 5)], ""))

    sync("--yes")

    assert not synced.get("product", "mooring-team-500k")["active"]
    assert CatalogPrice.objects.filter(loc_limit=500_000, is_sold=False).count() == 6
    assert len(sold()) == 24


def test_a_product_that_was_changed_by_hand_is_put_right(synced):
    with synced.world.lock:
        synced.world.get("product", "mooring-team-100k")["name"] = "Cheap"

    said = sync("--yes")

    assert "change   product  Team 100k" in said
    assert synced.get("product", "mooring-team-100k")["name"] == "Team 100k"


def test_what_others_sell_in_the_same_account_is_left_alone(synced):
    with synced.world.lock:
        product = synced.world.get("product", "mooring-team-100k")
        theirs = {**product, "id": "theirs", "metadata": {"plan": "team", "loc_limit": "1000"}}
        synced.world.put(theirs)

    said = sync("--yes")

    assert "archive" not in said
    assert synced.get("product", "theirs")["active"]


def test_a_lookup_key_on_another_price_is_refused(synced):
    row = CatalogPrice.objects.get(lookup_key="team-100k-month-eur-v1")
    with synced.world.lock:
        synced.world.get("price", row.price_id)["recurring"]["interval"] = "week"

    with pytest.raises(CommandError, match="recurring is"):
        sync("--yes")


def test_somebody_elses_price_with_our_lookup_key_is_refused(synced):
    row = CatalogPrice.objects.get(lookup_key="team-100k-month-eur-v1")
    with synced.world.lock:
        synced.world.get("price", row.price_id)["metadata"] = {}

    with pytest.raises(CommandError, match="was not made by us"):
        sync("--yes")


def test_what_was_begun_and_died_is_finished_the_next_time(stripe, db):
    stripe.fail_next(StripeFault.ERROR, 3, method="POST", url="/v1/prices")
    with pytest.raises(CommandError, match="not answering"):
        sync("--yes")
    assert len(stripe.all("product")) == 5
    assert not CatalogPrice.objects.exists()

    said = sync("--yes")

    assert "create   product" not in said
    assert len(stripe.all("price")) == len(sold()) == 30


def test_in_test_mode_one_may_start_over(synced):
    before = set(CatalogPrice.objects.values_list("price_id", flat=True))
    synced.reset()

    sync("--yes")

    after = set(CatalogPrice.objects.values_list("price_id", flat=True))
    assert len(after) == len(sold()) == 30
    assert not before & after


def test_case_69_live_and_test_prices_are_never_mixed(stripe, db):
    PriceFactory(is_live=True)

    with pytest.raises(CommandError, match="holds prices of live mode.* key for test mode"):
        sync("--yes")

    assert stripe.all("product") == []
    assert CatalogPrice.objects.count() == 1


def test_case_62_who_pays_an_old_price_keeps_it(synced, selling):
    old = CatalogPrice.objects.get(lookup_key="team-100k-month-eur-v1")
    selling((MONTH, "month = { eur = { amount = 3500, version = 2 },"))

    sync("--yes")

    price = synced.get("price", old.price_id)
    assert (price["unit_amount"], price["lookup_key"]) == (3200, old.lookup_key)


def test_the_portal_changes_cards_and_no_plans(synced):
    there = synced.get("billing_portal.configuration", configuration_id())

    assert not there["features"]["subscription_update"]["enabled"]
    assert not there["features"]["subscription_cancel"]["enabled"]
    assert there["features"]["payment_method_update"]["enabled"]


def test_a_portal_that_was_changed_by_hand_is_put_right_and_is_the_same(synced):
    with synced.world.lock:
        there = synced.world.get("billing_portal.configuration", configuration_id())
        there["features"]["subscription_cancel"]["enabled"] = True

    said = sync("--yes")

    assert "change   portal" in said
    assert PortalConfiguration.objects.get().configuration_id == there["id"]
    there = synced.get("billing_portal.configuration", there["id"])
    assert not there["features"]["subscription_cancel"]["enabled"]


def test_a_wrong_key_is_said_so(stripe, db, settings):
    settings.STRIPE_SECRET_KEY = "pk_test_" + "mooring"

    with pytest.raises(CommandError, match="not set up rightly"):
        sync("--yes")


def test_without_a_key_there_is_nothing_to_sync_with(db, settings):
    settings.STRIPE_SECRET_KEY = ""

    with pytest.raises(CommandError, match="STRIPE_SECRET_KEY is not set"):
        sync("--yes")
