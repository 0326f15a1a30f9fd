"""The customer portal: its address, and what is changed behind it."""

import pytest
import stripe as library

from sandbox.stripe.driving import PageSaid

CARD = "payment_method_update"
FEATURES = {
    "customer_update": {"enabled": True, "allowed_updates": ["address", "email", "name", "tax_id"]},
    "invoice_history": {"enabled": True},
    CARD: {"enabled": True},
}


@pytest.fixture
def portal_for(ask_stripe, customer):
    """`portal_for(flow_data=…)`: a session for the customer; `features` are the portal's."""

    def create(features=FEATURES, **more):
        configuration = ask_stripe.billing_portal.configurations.create({"features": features})
        return ask_stripe.billing_portal.sessions.create(
            {
                "customer": customer.id,
                "configuration": configuration.id,
                "return_url": "http://shop.example.com/billing",
                **more,
            }
        )

    return create


@pytest.fixture
def subscription(stripe, session_for, customer):
    stripe.pay(session_for(customer=customer.id).url)
    [bought] = stripe.all("subscription")
    return bought


def test_the_portal_shows_what_there_is(stripe, portal_for, subscription):
    page = stripe.look(portal_for().url)

    [invoice] = stripe.all("invoice")
    assert "Team 100k" in page
    assert "€30.00 each month" in page
    assert "4242" in page
    assert invoice["hosted_invoice_url"] in page
    assert invoice["invoice_pdf"] in page
    assert 'href="http://shop.example.com/billing"' in page


def test_a_new_card_pays_from_now_on(stripe, portal_for, subscription, customer):
    portal = portal_for()

    landed = stripe.pay(f"{portal.url}/card", "5555555555554444")

    assert "Your card was changed." in stripe.look(landed)
    [bought] = stripe.all("subscription")
    card = stripe.get("payment_method", bought["default_payment_method"])
    assert (card["card"]["last4"], card["customer"]) == ("4444", customer.id)
    kept = stripe.get("customer", customer.id)
    assert kept["invoice_settings"]["default_payment_method"] == card["id"]
    assert stripe.events("customer.updated", "payment_method.attached")
    [event] = stripe.events("customer.subscription.updated")[-1:]
    assert event["data"]["previous_attributes"] == {
        "default_payment_method": subscription["default_payment_method"]
    }


def test_what_is_still_owed_can_be_paid_from_there(stripe, portal_for, subscription):
    stripe.pay(f"{portal_for().url}/card", "4000000000000341")
    stripe.to_next_renewal()

    page = stripe.look(portal_for().url)

    [owed] = [each for each in stripe.all("invoice") if each["status"] == "open"]
    assert f"Pay {owed['number']}" in page
    stripe.pay(owed["hosted_invoice_url"])
    [recovered] = stripe.all("subscription")
    assert recovered["status"] == "active"
    assert "Pay " not in stripe.look(portal_for().url)


def test_a_declined_card_changes_nothing(stripe, portal_for, subscription):
    url = f"{portal_for().url}/card"

    assert "Your card was declined." in stripe.decline(url)

    assert stripe.all("subscription") == [subscription]


@pytest.mark.parametrize("passes", [True, False])
def test_the_bank_is_asked_about_a_new_card(stripe, portal_for, subscription, passes):
    bank = stripe.pay(f"{portal_for().url}/card", "4000002500003155")

    landed = stripe.authenticate(bank, passes=passes)

    [bought] = stripe.all("subscription")
    changed = bought["default_payment_method"] != subscription["default_payment_method"]
    assert changed == passes
    assert ("unable to authenticate" in stripe.look(landed)) != passes


def test_a_link_to_the_card_leads_back_when_it_is_changed(stripe, portal_for, subscription):
    portal = portal_for(
        flow_data={
            "type": CARD,
            "after_completion": {
                "type": "redirect",
                "redirect": {"return_url": "http://shop.example.com/thanks"},
            },
        }
    )

    assert portal.flow.type == "payment_method_update"
    assert stripe.cancel(f"{portal.url}/card") == "http://shop.example.com/billing"
    assert stripe.pay(f"{portal.url}/card") == "http://shop.example.com/thanks"


def test_a_link_to_the_card_may_end_with_a_confirmation(stripe, portal_for, subscription):
    portal = portal_for(
        flow_data={
            "type": CARD,
            "after_completion": {
                "type": "hosted_confirmation",
                "hosted_confirmation": {"custom_message": "See you."},
            },
        }
    )

    assert "See you." in stripe.look(stripe.pay(f"{portal.url}/card"))


def test_details_are_changed(stripe, portal_for, customer):
    portal = portal_for()

    stripe.submit(
        f"{portal.url}/details",
        email="new@example.com",
        line1="1 Quay Street",
        city="Hamburg",
        postal_code="20095",
        country="DE",
    )

    kept = stripe.get("customer", customer.id)
    assert (kept["email"], kept["name"], kept["address"]["city"]) == (
        "new@example.com",
        "Harbour",
        "Hamburg",
    )
    assert "Hamburg" in stripe.look(portal.url)
    with pytest.raises(PageSaid, match="Choose a country"):
        stripe.submit(f"{portal.url}/details", country="")


def test_tax_ids_are_added_and_taken_away(stripe, portal_for, ask):
    portal = portal_for()
    stripe.submit(f"{portal.url}/tax-ids", tax_id_type="eu_vat", tax_id="DE123456789")

    [added] = stripe.all("tax_id")
    with pytest.raises(PageSaid, match="Invalid value for eu_vat"):
        stripe.submit(f"{portal.url}/tax-ids", tax_id_type="eu_vat", tax_id="1")
    path = portal.url.removeprefix(stripe.url.removesuffix("/stripe"))
    ask(None, f"{path}/tax-ids/{added['id']}/delete", method="POST", headers={})

    assert added["value"] == "DE123456789"
    assert stripe.all("tax_id") == []


def test_only_what_the_portal_offers_can_be_changed(stripe, portal_for, customer):
    portal = portal_for({"invoice_history": {"enabled": True}})

    for page in ("card", "details", "tax-ids"):
        assert "does not offer that" in stripe.look(f"{portal.url}/{page}")
    assert "Change" not in stripe.look(portal.url)


def test_an_address_works_for_five_minutes_and_longer_once_it_is_used(stripe, portal_for):
    unused, used = portal_for(), portal_for()
    stripe.look(used.url)

    stripe.world.ahead += 301

    assert "This link has expired" in stripe.look(unused.url)
    assert "Your billing" in stripe.look(used.url)
    stripe.world.ahead += 3601
    assert "This link has expired" in stripe.look(used.url)


def test_a_guessed_address_opens_nothing(stripe, ask):
    assert ask(None, "/stripe/portal/test_guessed", headers={}).status == 404


def test_a_configuration_is_kept_and_changed(ask_stripe):
    made = ask_stripe.billing_portal.configurations.create(
        {"features": FEATURES, "metadata": {"version": "1"}}
    )

    ask_stripe.billing_portal.configurations.update(
        made.id, {"features": {"invoice_history": {"enabled": False}}}
    )

    [kept] = ask_stripe.billing_portal.configurations.list({"active": True})
    assert (kept.id, kept.metadata["version"], kept.is_default) == (made.id, "1", False)
    assert kept.features.payment_method_update.enabled
    assert not kept.features.invoice_history.enabled
    assert not kept.features.subscription_cancel.enabled


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"configuration": ""}, "configuration"),
        ({"configuration": "bpc_unknown"}, "No such configuration"),
        ({"customer": "cus_unknown"}, "No such customer"),
        (
            {
                "flow_data": {
                    "type": "subscription_cancel",
                    "subscription_cancel": {"subscription": "x"},
                }
            },
            "no flow `subscription_cancel`",
        ),
        (
            {
                "flow_data": {
                    "type": CARD,
                    "after_completion": {"type": "redirect"},
                }
            },
            "return_url",
        ),
    ],
)
def test_a_session_that_makes_no_sense_is_refused(portal_for, asked, message):
    with pytest.raises(library.InvalidRequestError, match=message):
        portal_for(**asked)


def test_there_is_no_default_portal(ask_stripe, customer):
    with pytest.raises(library.InvalidRequestError, match="No configuration provided"):
        ask_stripe.billing_portal.sessions.create({"customer": customer.id})


def test_a_flow_needs_its_feature(portal_for):
    with pytest.raises(library.InvalidRequestError, match="disabled in your portal"):
        portal_for({"invoice_history": {"enabled": True}}, flow_data={"type": CARD})
