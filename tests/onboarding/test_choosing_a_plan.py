"""Choosing a plan during the import: what is kept, and what is refused."""

import pytest

from billing.errors import PriceNotSold
from onboarding.errors import NotReady, PlanByContact
from onboarding.operations import choose_plan
from tests.factories import ImportFactory, PriceFactory


@pytest.fixture
def ready(alice):
    return ImportFactory(ready=True, has_plan=False, user=alice)


def chosen(import_):
    import_.refresh_from_db()
    return import_.has_plan, import_.plan, import_.lookup_key


def test_a_price_is_kept_with_the_import(ready, alice):
    price = PriceFactory()

    choose_plan(ready, plan="team", lookup_key=price.lookup_key, by=alice)

    assert chosen(ready) == (True, "team", "team-100k-month-eur-v1")


def test_free_after_all_forgets_the_price(ready, alice):
    price = PriceFactory()
    choose_plan(ready, plan="team", lookup_key=price.lookup_key, by=alice)

    choose_plan(ready, plan="free", lookup_key=price.lookup_key, by=alice)

    assert chosen(ready) == (True, "free", "")


@pytest.mark.parametrize("lookup_key", ["", "team-100k-month-eur-v9", "team-100k-month-eur-v1"])
def test_only_what_is_sold_can_be_chosen(ready, alice, lookup_key):
    PriceFactory(is_sold=False)

    with pytest.raises(PriceNotSold):
        choose_plan(ready, plan="team", lookup_key=lookup_key, by=alice)

    assert chosen(ready) == (False, "", "")


def test_enterprise_is_agreed_on_and_not_chosen(ready, alice):
    with pytest.raises(PlanByContact):
        choose_plan(ready, plan="enterprise", by=alice)

    assert chosen(ready) == (False, "", "")


def test_nothing_is_chosen_before_the_token_is_checked(alice):
    import_ = ImportFactory(user=alice)

    with pytest.raises(NotReady):
        choose_plan(import_, plan="free", by=alice)
