"""What Stripe refuses in a new Checkout session, and what it says."""

import pytest
import stripe as library

DAY = 86400


def refused(session_for, **asked):
    with pytest.raises(library.InvalidRequestError) as caught:
        session_for(**asked)
    return str(caught.value.user_message)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"customer_update": {"name": "auto"}}, "`customer_update` can only be used with"),
        ({"customer": "cus_unknown"}, "No such customer: 'cus_unknown'"),
        ({"mode": "payment"}, "only has Checkout sessions in `subscription` mode"),
        ({"ui_mode": "elements"}, "only has Checkout sessions with `ui_mode: hosted_page`"),
        ({"success_url": "nowhere"}, "Not a valid URL"),
        ({"cancel_url": "javascript:alert(1)"}, "Not a valid URL"),
        ({"client_reference_id": "a b"}, "may only contain alphanumeric"),
        ({"client_reference_id": "x" * 201}, "at most 200 characters"),
        ({"subscription_data": {"trial_period_days": 0}}, "minimum number of trial period days"),
        ({"subscription_data": {"trial_period_days": 731}}, "maximum number of trial period days"),
        ({"subscription_data": {"trial_end": 1}}, "at least 2 days in the future"),
        ({"line_items": [{"price": "price_unknown", "quantity": 1}]}, "No such price"),
        ({"allow_promotion_codes": True, "discounts": [{"coupon": "x"}]}, "only specify one of"),
        ({"customer_creation": "always"}, "only be used in `payment` or `setup` mode"),
    ],
)
def test_a_session_that_makes_no_sense_is_refused(stripe, session_for, asked, message):
    assert message in refused(session_for, **asked)
    assert stripe.all("checkout.session") == []


def test_what_is_missing_is_named(ask_stripe):
    with pytest.raises(library.InvalidRequestError) as caught:
        ask_stripe.checkout.sessions.create({"mode": "subscription"})

    assert (caught.value.code, caught.value.param) == ("parameter_missing", "success_url")


@pytest.mark.parametrize(
    ("minutes", "word"), [(29, "at least 30 minutes"), (24 * 60 + 1, "24 hours")]
)
def test_a_session_lives_for_half_an_hour_to_a_day(stripe, session_for, minutes, word):
    assert word in refused(session_for, expires_at=stripe.world.now() + minutes * 60)


def test_a_session_lives_for_a_day_unless_it_says_otherwise(stripe, session_for):
    session = session_for()

    assert session.expires_at - session.created == DAY


def test_only_active_recurring_prices_are_sold(ask_stripe, session_for, price):
    once = ask_stripe.prices.create(
        {"product": price.product, "currency": "eur", "unit_amount": 100}
    )
    assert "at least one recurring price" in refused(
        session_for, line_items=[{"price": once.id, "quantity": 1}]
    )

    recurring = {"price": price.id, "quantity": 1}
    assert "only sells what recurs" in refused(
        session_for, line_items=[recurring, {"price": once.id, "quantity": 1}]
    )

    ask_stripe.prices.update(price.id, {"active": False})

    assert "The price specified is inactive" in refused(session_for)


def test_nothing_is_sold_of_a_product_that_was_archived(ask_stripe, session_for, price):
    ask_stripe.products.update(price.product, {"active": False})

    assert "its product is not active" in refused(session_for)


def test_a_price_that_is_archived_meanwhile_is_not_charged(
    stripe, ask_stripe, session_for, customer, price
):
    session = session_for(customer=customer.id)
    ask_stripe.prices.update(price.id, {"active": False})

    assert "This can&#39;t be bought any more" in stripe.look(session.url)
    assert stripe.all("subscription") == []


def test_nobody_pays_for_a_customer_who_was_deleted(stripe, ask_stripe, session_for, customer):
    session = session_for(customer=customer.id)
    ask_stripe.customers.delete(customer.id)

    assert "No such customer" in stripe.look(session.url)
    assert stripe.all("subscription") == []


def test_a_customer_has_one_currency(stripe, ask_stripe, session_for, customer, price):
    stripe.pay(session_for(customer=customer.id).url)
    dollars = ask_stripe.prices.create(
        {
            "product": price.product,
            "currency": "usd",
            "unit_amount": 3200,
            "recurring": {"interval": "month"},
        }
    )

    said = refused(
        session_for, customer=customer.id, line_items=[{"price": dollars.id, "quantity": 1}]
    )

    assert "You cannot combine currencies on a single customer" in said


def test_what_is_asked_for_must_have_where_to_go(session_for, customer):
    tax_ids = refused(session_for, customer=customer.id, tax_id_collection={"enabled": True})
    taxes = refused(session_for, customer=customer.id, automatic_tax={"enabled": True})

    assert "please set `customer_update[name]` to `auto`" in tax_ids
    assert "requires a valid address on the Customer" in taxes


def test_sessions_are_listed_and_their_items_seen_on_request(ask_stripe, session_for, customer):
    mine, other = session_for(customer=customer.id), session_for()

    ask_stripe.checkout.sessions.update(mine.id, {"metadata": {"seen": "yes"}})
    [listed] = ask_stripe.checkout.sessions.list({"customer": customer.id})
    bare = ask_stripe.checkout.sessions.retrieve(mine.id)
    whole = ask_stripe.checkout.sessions.retrieve(mine.id, {"expand": ["line_items"]})

    assert (listed.id, other.id != mine.id) == (mine.id, True)
    assert bare.metadata["seen"] == "yes"
    assert "line_items" not in bare
    [item] = whole.line_items.data
    assert (item.description, item.amount_total, item.quantity) == ("Team 100k", 3000, 1)
