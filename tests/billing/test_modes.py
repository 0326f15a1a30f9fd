"""Live and test never meet: neither a live key and a stand-in, nor prices of the other mode."""

import pytest
from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured

from core.keys import check_stripe
from tests.billing.rows import AccountFactory
from tests.factories import PriceFactory

LIVE, TEST = "sk_live_" + "mooring", "sk_test_" + "mooring"
SANDBOX = "http://127.0.0.1:8010/stripe"


def refused():
    found = run_checks(tags=[Tags.database], databases=["default"])
    return [each.msg for each in found if each.id == "billing.E001"]


@pytest.mark.parametrize("key", [LIVE, "rk_live_" + "mooring"])
@pytest.mark.parametrize("url", [SANDBOX, "https://api.stripe.com.example.com", ""])
def test_case_68_a_live_key_goes_to_stripe_alone(key, url):
    with pytest.raises(ImproperlyConfigured) as refusal:
        check_stripe(key, url)

    assert "STRIPE_API_URL" in str(refusal.value)
    assert key not in str(refusal.value)


@pytest.mark.parametrize("url", [SANDBOX, "https://api.stripe.com", "https://api.stripe.com/"])
def test_a_test_key_may_go_to_both(url):
    check_stripe(TEST, url)
    check_stripe("", url)


def test_a_key_that_is_no_secret_is_refused():
    with pytest.raises(ImproperlyConfigured, match="publishable"):
        check_stripe("pk_test_" + "mooring", "https://api.stripe.com")


@pytest.mark.parametrize(
    ("key", "is_live", "words"),
    [(LIVE, False, "prices of test mode"), (TEST, True, "prices of live mode")],
)
def test_case_69_prices_of_the_other_mode_are_refused(watcher, settings, key, is_live, words):
    settings.STRIPE_SECRET_KEY = key
    PriceFactory(is_live=is_live)

    assert [words in problem for problem in refused()] == [True]
    assert words in watcher.get("/billing/health/").text


def test_case_68_customers_of_a_stand_in_are_refused_with_a_live_key(db, settings):
    AccountFactory()
    assert refused() == []

    settings.STRIPE_SECRET_KEY = LIVE
    assert ["customers of test mode" in problem for problem in refused()] == [True]


def test_where_nothing_is_sold_nothing_is_mixed(db, settings):
    settings.BILLING = False
    PriceFactory(is_live=True)

    assert refused() == []
