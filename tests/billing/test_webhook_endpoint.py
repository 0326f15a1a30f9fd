"""`sync_webhook_endpoint`: where Stripe sends its events, and the secret they are signed with."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from billing.endpoints import EVENTS
from billing.stripe_api import VERSION

URL = "https://mooring.example.com/billing/webhooks/stripe/"


def sync(*arguments):
    said = StringIO()
    call_command("sync_webhook_endpoint", *arguments, stdout=said)
    return said.getvalue()


def test_an_endpoint_of_our_version_is_made_and_its_secret_shown_once(stripe):
    first, second = sync(URL), sync(URL)

    there = stripe.all("webhook_endpoint")
    assert [(each["url"], each["api_version"]) for each in there] == [(URL, VERSION)]
    assert "whsec" in first and "whsec" not in second


def test_events_that_we_learnt_of_are_sent_from_now_on(stripe):
    sync(URL)
    with stripe.world.lock:
        there = next(stripe.world.all("webhook_endpoint"))
        there.update(enabled_events=["invoice.paid"], status="disabled")

    sync(URL)

    there = stripe.all("webhook_endpoint")[0]
    assert (there["enabled_events"], there["status"]) == (list(EVENTS), "enabled")


def test_another_version_needs_another_endpoint_and_the_old_one_goes_when_told(stripe):
    sync(URL)
    with stripe.world.lock:
        next(stripe.world.all("webhook_endpoint"))["api_version"] = "2020-08-27"

    said = sync(URL)

    assert "whsec" in said and "1 older" in said
    assert len(stripe.all("webhook_endpoint")) == 2
    assert "1 removed" in sync(URL, "--retire")
    assert [each["api_version"] for each in stripe.all("webhook_endpoint")] == [VERSION]


def test_a_new_secret_comes_in_before_the_old_one_goes(stripe):
    first = sync(URL)

    second = sync(URL, "--new-secret")

    assert first.splitlines()[2] != second.splitlines()[2]
    assert len(stripe.all("webhook_endpoint")) == 2


def test_an_address_that_stripe_refuses_is_said_so(stripe):
    with pytest.raises(CommandError, match="scheme"):
        sync("mooring.example.com")

    assert stripe.all("webhook_endpoint") == []
