"""What an end calls off, what it leaves owed, and what is said of it before."""

import pytest
from django.utils import timezone

from billing import supporting
from billing.changes import cancel_subscription, end_subscription
from billing.errors import CreditOfUnpaid
from billing.models import Operation
from billing.running import run_operation
from billing.tasks import sweep_left
from sandbox.testing import StripeFault
from tests.billing.subscribers import DECLINED


def test_who_cancels_as_a_period_begins_is_told_of_its_charge(
    subscriber, alice, bob, browser_of, clock
):
    them, place = subscriber(), "/organizations/harbour/billing/"
    them.account.organization.memberships.create(user=bob)
    them.later(clock, days=30, minutes=20)
    browser = browser_of(alice)
    assert them.invoices()[-1]["status"] == "draft"

    asked = browser.get(f"{place}cancel/").text
    them.does(cancel_subscription, by=alice)
    cancelled = browser.get(place).text
    them.later(clock, hours=2)

    said = "€\N{NO-BREAK SPACE}32.00 for the period that has begun is charged within the hour"
    assert said in asked and said in cancelled
    assert them.invoices()[-1]["amount_paid"] == 3200
    assert "Nothing more is charged." in browser.get(place).text
    assert "€" not in browser_of(bob).get(place).text


def test_what_is_tried_again_after_cancelling_is_said_to_be(subscriber, alice, browser_of, clock):
    them = subscriber()
    them.uses(DECLINED)
    them.later(clock, days=30, minutes=20)
    them.does(cancel_subscription, by=alice)
    them.later(clock, hours=2)

    page = browser_of(alice).get("/organizations/harbour/billing/").text

    assert them.invoices(status="open")[0]["next_payment_attempt"]
    assert "and your card is tried again until then" in page


def test_what_was_agreed_on_stays_owed_when_the_organization_is_deleted(subscriber, committed):
    them = subscriber(collection_method="send_invoice", days_until_due=30)
    them.account.left_at = timezone.now()
    them.account.save()

    with committed():
        sweep_left()

    assert them.there["status"] == "canceled"
    assert [each["status"] for each in them.invoices()] == ["open"]


def test_what_was_never_paid_is_not_given_back(subscriber, alice, clock):
    them, why = subscriber(), {"by": alice, "reason": "Goodwill", "credit_unused": True}
    them.uses(DECLINED)
    asked = end_subscription(them.account, **why)
    them.later(clock, days=30, minutes=20)
    assert them.invoices()[-1]["status"] == "draft"

    run_operation(asked.pk)
    them.account.refresh_from_db()

    assert (them.subscription.status, them.account.credit) == ("canceled", 0)


def test_support_is_told_that_what_was_never_paid_is_not_given_back(subscriber, alice, clock):
    them = subscriber()
    them.uses(DECLINED)
    them.later(clock, days=31, hours=2)

    with pytest.raises(CreditOfUnpaid):
        end_subscription(them.account, by=alice, reason="Goodwill", credit_unused=True)


def test_a_retry_at_the_desk_forgives_nothing(subscriber, alice, committed):
    them = subscriber(collection_method="send_invoice", days_until_due=30)
    them.account.left_at = timezone.now()
    them.account.save()
    them.stripe.fail_next(StripeFault.KEY_REFUSED, method="DELETE")
    with committed():
        sweep_left()
    failed = Operation.objects.get()
    assert failed.state == "failed"

    with committed():
        supporting.retry(failed, by=alice, reason="The key is right again")

    assert them.there["status"] == "canceled"
    assert [each["status"] for each in them.invoices()] == ["open"]
