"""A process that dies before any one of its writes, or of what it asks of Stripe, at every step of
a purchase.

What was committed before stays, and what Stripe has done by then is done. Nobody may pay twice for
that, and nobody who paid may be left with nothing.
"""

import pytest

from billing.models import TrialCard
from organizations.models import Organization
from tests.deaths import deaths, dying, look_after
from tests.factories import ImportFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def until_it_lives(purchase):
    """`until_it_lives(step, then)`: an import of its own for each moment that death may come at,
    until it does not come any more. Returns how often it came.
    """

    def repeat(before, step, after):
        for death in deaths():
            if death.traces:
                # Each pays with a card that is new here.
                TrialCard.objects.all().delete()
                purchase.import_ = another(purchase.import_, key=f"contoso-{death.traces}")
            given = before()
            with dying(death):
                step(given)
            after()
            assert_paid_once(purchase)
        return death.traces

    return repeat


def another(import_, **values):
    chosen = {"plan": "team", "lookup_key": import_.lookup_key}
    return ImportFactory(ready=True, user=import_.user, **chosen, **values)


def assert_paid_once(purchase):
    import_ = purchase.import_
    import_.refresh_from_db()
    assert import_.state == "created"
    account = import_.billing
    assert Organization.objects.get(key=import_.key).billing == account
    of_account = [
        each
        for each in purchase.stripe.all("customer")
        if each["metadata"] == {"account": str(account.pk)}
    ]
    assert [each["id"] for each in of_account] == [account.customer_id]
    assert len(purchase.stripe.all("subscription", customer=account.customer_id)) == 1
    sessions = purchase.stripe.all("checkout.session", customer=account.customer_id)
    assert [each["status"] for each in sessions] == ["complete"]


def test_case_16_worker_killed_while_the_checkout_is_opened(purchase, until_it_lives):
    def go_on():
        look_after(2)
        # Who never got as far as asking presses again; to all others that changes nothing.
        purchase.comes_back(purchase.stripe.pay(purchase.checkout()))
        # Where the dead one has the account's turn still, that showed nothing yet.
        look_after(62)

    assert until_it_lives(lambda: None, lambda _: purchase.press(), go_on) > 8


def test_case_16_killed_while_somebody_comes_back_from_paying(purchase, until_it_lives):
    assert until_it_lives(purchase.pays, purchase.comes_back, lambda: look_after(62)) > 20


def test_case_16_worker_killed_while_a_webhook_is_handled(purchase, until_it_lives):
    def pay():
        purchase.pays()
        return "checkout.session.completed"

    assert until_it_lives(pay, purchase.is_told, lambda: look_after(62)) > 20
