"""An account and its customer at Stripe: one for the other, whatever happens at once."""

import pytest
from django.db import connection

from billing import reconciling, tasks
from billing.alarms import ALARMS
from billing.errors import AccountBusy
from billing.models import BillingAccount, Subscription
from tests.billing.rows import AccountFactory


@pytest.mark.parametrize("had_one", [True, False])
def test_what_was_asked_of_one_customer_is_not_written_for_another(
    transactional_db, buyer, had_one
):
    bought = buyer.buys()
    buyer.sync()
    if not had_one:
        # There is an invoice to ask for, though nobody is a customer any more.
        buyer.account.invoices.update(status="open")
        BillingAccount.objects.update(customer_id="")
    theirs = buyer.shop.customer(email="purchasing@example.com")

    def change(endpoint, answer):
        BillingAccount.objects.update(customer_id=theirs["id"])
        connection.close()

    buyer.stripe.desk.answered.append(change)
    try:
        with pytest.raises(AccountBusy):
            buyer.sync()
    finally:
        buyer.stripe.desk.answered.remove(change)

    account = BillingAccount.objects.get()
    assert (account.customer_id, account.lease) == (theirs["id"], None)
    assert buyer.subscription.stripe_id == bought["id"]
    tasks.sync_account(account_id=str(account.pk))
    assert Subscription.objects.get().status == "canceled"


def test_one_customer_for_two_organizations_alarms_once(buyer):
    other = AccountFactory(customer_id="")
    buyer.buys(metadata={"account": str(other.pk)})
    buyer.sync()

    for _ in range(2):
        reconciling.find_differences()

    (alarm,) = [alarm for alarm in ALARMS if alarm.name == "of-two"]
    (event,) = alarm.rows()
    assert event.organization == other.organization
    assert event.data["customer"] == buyer.customer["id"]
    other.refresh_from_db()
    assert other.customer_id == ""
