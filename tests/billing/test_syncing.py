"""Our copy of an account becomes what Stripe says it is."""

from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from billing import stripe_api
from billing.errors import StripeKeyRefused, StripeSilent
from billing.models import BillingAccount, Invoice, Subscription, TrialCard
from billing.signals import account_synced
from billing.standing import entitlements_for
from organizations.models import AuditEvent
from sandbox.stripe.faults import StripeFault
from tests.billing.staff import stripe_v1
from tests.sandbox.stripe_cast import AFTER_KEEPING, GOOD


def at(seconds):
    return datetime.fromtimestamp(seconds, UTC)


def test_a_purchase_is_copied(buyer):
    bought = buyer.buys()

    buyer.sync()

    copy, item = buyer.subscription, bought["items"]["data"][0]
    assert (copy.stripe_id, copy.status, copy.known_status) == (bought["id"], "active", "active")
    assert (copy.plan, copy.loc_limit, copy.lookup_key) == (
        "team",
        250_000,
        "team-250k-month-eur-v1",
    )
    assert (copy.interval, copy.currency, copy.amount) == ("month", "eur", 7500)
    assert (copy.period_start, copy.period_end) == (
        at(item["current_period_start"]),
        at(item["current_period_end"]),
    )
    assert (copy.item_id, copy.price_id) == (item["id"], item["price"]["id"])
    assert entitlements_for(buyer.organization.pk).loc_limit == 250_000


def test_the_customer_is_copied(buyer):
    buyer.customer["balance"] = -10_000
    buyer.customer["address"] = {"line1": "1 Quay", "city": "Hamburg", "country": "DE"}
    buyer.buys()

    buyer.sync()

    account = buyer.account
    assert (account.email, account.name, account.currency) == (
        "billing@example.com",
        "Harbour",
        "eur",
    )
    assert (account.card["brand"], account.card["last4"]) == ("visa", "4242")
    assert (account.credit, account.address["city"]) == (2500, "Hamburg")
    assert account.synced_at is not None


def test_invoices_are_copied(buyer):
    buyer.buys()

    buyer.sync()

    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.total, invoice.amount_paid) == ("paid", 7500, 7500)
    assert (invoice.reason, invoice.currency) == ("subscription_create", "eur")
    assert invoice.number


def test_an_account_without_a_customer_has_nothing_to_ask_for(buyer):
    buyer.account.customer_id = ""
    buyer.account.save()

    buyer.sync()

    assert buyer.stripe.requests == []
    assert buyer.account.synced_at is not None


def test_syncing_again_changes_nothing(buyer):
    buyer.buys()
    buyer.sync()
    before = AuditEvent.objects.count()

    buyer.sync()

    assert (Subscription.objects.count(), Invoice.objects.count()) == (1, 1)
    assert AuditEvent.objects.count() == before == 2


def test_rooms_above_hear_of_it_and_can_not_stop_it(buyer):
    heard = []

    def deaf(**kwargs):
        raise RuntimeError

    def listen(account_id, **kwargs):
        heard.append(account_id)

    account_synced.connect(deaf)
    account_synced.connect(listen)
    try:
        buyer.sync()
    finally:
        account_synced.disconnect(deaf)
        account_synced.disconnect(listen)

    assert heard == [buyer.account.pk]


def test_a_trial_is_used_up_for_the_account_and_its_card(buyer):
    bought = buyer.buys(trial_period_days=14)

    buyer.sync()

    assert (buyer.subscription.status, buyer.subscription.trial_end) == (
        "trialing",
        at(bought["trial_end"]),
    )
    assert buyer.account.trial_used_at == at(bought["trial_start"])
    card = TrialCard.objects.get()
    assert (card.fingerprint, card.account) == (buyer.account.card["fingerprint"], buyer.account)


def test_what_ends_with_the_period_is_known(buyer):
    bought = buyer.buys()
    buyer.find("subscription", bought)["cancel_at_period_end"] = True

    buyer.sync()

    assert buyer.subscription.cancels_at == buyer.subscription.period_end


def test_an_enterprise_contract_names_its_own_limit(buyer):
    price = buyer.shop.price(900_000, "year")
    buyer.buys(price, metadata={"plan": "enterprise", "loc_limit": "8000000"})

    buyer.sync()

    assert (buyer.subscription.plan, buyer.subscription.loc_limit) == ("enterprise", 8_000_000)
    assert entitlements_for(buyer.organization.pk).plan == "enterprise"


def test_an_enterprise_price_may_name_the_limit_for_all_who_have_it(buyer):
    metadata = {"plan": "enterprise", "loc_limit": "4000000"}
    buyer.buys(buyer.shop.price(900_000, "year", metadata=metadata))

    buyer.sync()

    assert (buyer.subscription.plan, buyer.subscription.loc_limit) == ("enterprise", 4_000_000)


def test_a_price_that_nobody_knows_gives_no_more_than_free_and_an_alert(buyer):
    buyer.buys(buyer.shop.price(100))

    with capture_logs() as logs:
        buyer.sync()

    assert "stripe_price_unknown" in [log["event"] for log in logs]
    entitled = entitlements_for(buyer.organization.pk)
    assert (entitled.plan, entitled.loc_limit) == ("free", 50_000)


def test_a_price_that_is_not_sold_any_more_is_still_paid_by_who_has_it(buyer):
    buyer.buys(buyer.sells(loc_limit=100_000, is_sold=False))

    buyer.sync()

    assert entitlements_for(buyer.organization.pk).loc_limit == 100_000


def test_case_13_with_its_customer_a_subscription_is_over(buyer):
    buyer.buys()
    buyer.sync()
    stripe_v1(buyer).customers.delete(buyer.customer["id"])

    buyer.sync()

    assert (buyer.account.customer_id, buyer.account.card) == ("", {})
    assert Subscription.objects.get().status == "canceled"
    assert entitlements_for(buyer.organization.pk).plan == "free"
    assert AuditEvent.objects.filter(action="billing.subscription_changed").count() == 2


def test_with_a_key_of_another_account_at_stripe_nothing_is_taken_for_gone(buyer):
    buyer.buys()
    buyer.sync()
    buyer.shop.world.remove("customer", buyer.customer["id"])

    with capture_logs() as logs, pytest.raises(StripeSilent):
        buyer.sync()

    assert ("error", "stripe_customer_unknown") in [(e["log_level"], e["event"]) for e in logs]
    assert buyer.subscription.status == "active"
    assert BillingAccount.objects.get().customer_id == buyer.customer["id"]


def test_case_28_an_unknown_status_is_alerted_and_changes_no_access(buyer):
    bought = buyer.buys()
    buyer.sync()
    buyer.find("subscription", bought)["status"] = "hibernating"

    with capture_logs() as logs:
        buyer.sync()

    alerts = [log for log in logs if log["event"] == "stripe_status_unknown"]
    assert [(log["log_level"], log["status"]) for log in alerts] == [("error", "hibernating")]
    assert (buyer.subscription.status, buyer.subscription.known_status) == ("hibernating", "active")
    assert entitlements_for(buyer.organization.pk).access == "full"


def test_case_20_a_refused_key_changes_no_access_and_turns_health_red(buyer, client, watcher):
    buyer.buys()
    buyer.sync()
    buyer.stripe.fail_next(StripeFault.KEY_REFUSED)

    with pytest.raises(StripeKeyRefused):
        buyer.sync()

    assert entitlements_for(buyer.organization.pk).plan == "team"
    assert "STRIPE_SECRET_KEY" in watcher.get("/billing/health/").text
    buyer.sync()
    assert client.get("/billing/health/").status_code == 200


@pytest.mark.parametrize("path", ["customers", "subscriptions", "invoices"])
def test_silence_changes_nothing(buyer, path):
    buyer.buys()
    buyer.stripe.fail_next(StripeFault.ERROR, 3, url=f"/v1/{path}")

    with pytest.raises(StripeSilent):
        buyer.sync()

    buyer.account.refresh_from_db()
    assert buyer.account.synced_at is None
    assert not Subscription.objects.exists()


def test_with_a_key_of_the_other_mode_nothing_is_taken_for_gone(buyer, settings):
    buyer.buys()
    buyer.sync()
    settings.STRIPE_SECRET_KEY = "sk_live_" + "mooring"

    with capture_logs() as logs:
        buyer.sync()

    assert [log["event"] for log in logs] == ["billing_account_of_other_mode"]
    assert buyer.subscription.status == "active"


def fail_renewal(buyer, bought):
    """The card that paid is no longer good when the month is over."""
    buyer.shop.give_card(buyer.customer, AFTER_KEEPING)
    buyer.shop.advance(days=32)
    assert buyer.find("subscription", bought)["status"] == "past_due"
    buyer.sync()


def test_a_failed_renewal_is_owed_since_its_invoice_was_made_out(buyer):
    bought = buyer.buys()
    fail_renewal(buyer, bought)

    invoice = buyer.shop.invoice(buyer.find("subscription", bought))
    copy = buyer.subscription
    assert copy.past_due_since == at(invoice["status_transitions"]["finalized_at"])
    assert Invoice.objects.get(stripe_id=invoice["id"]).next_attempt_at is not None


def test_a_recovered_payment_is_owed_no_longer(buyer):
    bought = buyer.buys()
    fail_renewal(buyer, bought)

    buyer.shop.give_card(buyer.customer, GOOD)
    buyer.shop.advance(days=10)
    buyer.sync()

    assert (buyer.subscription.status, buyer.subscription.past_due_since) == ("active", None)
    assert buyer.account.card["last4"] == "4242"


def test_case_37_when_all_attempts_failed_the_subscription_is_over_and_may_be_bought_anew(buyer):
    bought = buyer.buys()
    fail_renewal(buyer, bought)

    buyer.shop.advance(days=30)
    buyer.sync()

    assert Subscription.objects.get().status == "canceled"
    assert entitlements_for(buyer.organization.pk).plan == "free"
    buyer.shop.give_card(buyer.customer, GOOD)
    buyer.buys(buyer.shop.world.get("price", Subscription.objects.get().price_id))
    buyer.sync()
    assert entitlements_for(buyer.organization.pk).plan == "team"


def test_case_37_an_unpaid_subscription_can_only_be_looked_at(buyer):
    bought = buyer.buys()
    fail_renewal(buyer, bought)
    buyer.find("subscription", bought)["status"] = "unpaid"

    buyer.sync()

    assert entitlements_for(buyer.organization.pk).access == "read_only"


def an_open_invoice(buyer):
    bought = buyer.buys()
    fail_renewal(buyer, bought)
    return buyer.find("subscription", bought)["latest_invoice"]


@pytest.mark.parametrize("act", ["void", "uncollectible", "paid"])
def test_case_58_what_staff_does_with_an_invoice_is_followed(buyer, act):
    invoice_id = an_open_invoice(buyer)
    v1 = stripe_v1(buyer)
    if act == "void":
        v1.invoices.void_invoice(invoice_id)
    elif act == "uncollectible":
        v1.invoices.mark_uncollectible(invoice_id)
    else:
        v1.invoices.pay(invoice_id, {"paid_out_of_band": True})

    buyer.sync()

    assert Invoice.objects.get(stripe_id=invoice_id).status == act
    at_stripe = buyer.find("subscription", {"id": buyer.subscription.stripe_id})["status"]
    assert buyer.subscription.status == at_stripe


def test_case_61_a_card_that_the_network_renewed_changes_the_display_alone(buyer):
    buyer.buys()
    buyer.sync()
    before = buyer.subscription
    method = buyer.customer["invoice_settings"]["default_payment_method"]
    buyer.shop.world.get("payment_method", method)["card"]["last4"] = "5678"

    buyer.sync()

    assert buyer.account.card["last4"] == "5678"
    after = buyer.subscription
    assert (after.status, after.period_end) == (before.status, before.period_end)


def test_an_open_invoice_is_followed_however_old_it_is(buyer):
    invoice_id = an_open_invoice(buyer)
    world, old = buyer.shop.world, buyer.shop.world.get("invoice", invoice_id)
    for number in range(25):
        later = old["created"] + number + 1
        world.put(old | {"id": world.new_id("in"), "created": later, "status": "paid"})
    stripe_v1(buyer).invoices.void_invoice(invoice_id)

    buyer.sync()

    assert Invoice.objects.get(stripe_id=invoice_id).status == "void"


def test_a_wish_to_be_synced_is_met(buyer):
    buyer.account.wanted_at = datetime.now(UTC) - timedelta(minutes=1)
    buyer.account.save()

    buyer.sync()

    assert buyer.account.wanted_at is None


def test_what_somebody_changes_at_stripe_is_on_the_record(subscriber, stripe):
    them = subscriber()
    events = them.account.organization.audit_events.filter(action="billing.details_changed")
    before = events.count()
    new = {"address": {"city": "Kiel", "country": "DE"}, "name": "Pilots"}
    stripe_api.ask(lambda v1: v1.customers.update(them.account.customer_id, new))

    them.sync()
    them.sync()

    assert events.count() == before + 1
    event = events.order_by("-at").first()
    assert (event.data["fields"], event.actor, event.channel) == (
        ["name", "address"],
        None,
        "system",
    )
    assert "Kiel" not in str(event.data)
