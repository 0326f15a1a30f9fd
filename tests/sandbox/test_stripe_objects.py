"""What Stripe keeps, through its own library."""

import pytest
import stripe as library


def test_a_customer_is_kept_changed_and_deleted(ask_stripe):
    made = ask_stripe.customers.create({"email": "ada@example.com", "metadata": {"account": "7"}})
    ask_stripe.customers.update(made.id, {"name": "Harbour", "metadata": {"more": "1"}})

    kept = ask_stripe.customers.retrieve(made.id)
    ask_stripe.customers.delete(made.id)

    assert (kept.name, kept.email) == ("Harbour", "ada@example.com")
    assert kept.metadata.to_dict() == {"account": "7", "more": "1"}
    assert ask_stripe.customers.retrieve(made.id).deleted
    assert list(ask_stripe.customers.list()) == []
    with pytest.raises(library.InvalidRequestError, match="No such customer"):
        ask_stripe.customers.update(made.id, {"name": "Ghost"})


def test_an_empty_value_takes_metadata_away(ask_stripe):
    made = ask_stripe.customers.create({"metadata": {"a": "1", "b": "2"}})

    one_left = ask_stripe.customers.update(made.id, {"metadata": {"a": ""}})
    none_left = ask_stripe.customers.update(made.id, {"metadata": ""})

    assert one_left.metadata.to_dict() == {"b": "2"}
    assert none_left.metadata.to_dict() == {}


def test_an_address_that_is_none_is_refused(ask_stripe):
    with pytest.raises(library.InvalidRequestError) as refused:
        ask_stripe.customers.create({"email": "nowhere"})

    assert refused.value.code == "email_invalid"


@pytest.fixture
def price(ask_stripe):
    product = ask_stripe.products.create({"name": "Team 100k", "metadata": {"plan": "team"}})
    return {
        "product": product.id,
        "currency": "eur",
        "unit_amount": 3000,
        "recurring": {"interval": "month"},
        "lookup_key": "team-100k-month-eur-v1",
    }


def test_a_price_never_changes_its_amount(ask_stripe, price):
    made = ask_stripe.prices.create(price)

    with pytest.raises(library.InvalidRequestError) as refused:
        ask_stripe.prices.update(made.id, {"unit_amount": 1})
    archived = ask_stripe.prices.update(made.id, {"active": False, "nickname": "old"})

    assert refused.value.code == "parameter_unknown"
    assert (archived.active, archived.unit_amount) == (False, 3000)
    assert list(ask_stripe.prices.list({"active": True})) == []


def test_a_lookup_key_is_taken_until_it_is_transferred(ask_stripe, price):
    first = ask_stripe.prices.create(price)

    with pytest.raises(library.InvalidRequestError) as taken:
        ask_stripe.prices.create(price)
    second = ask_stripe.prices.create({**price, "transfer_lookup_key": True})

    assert taken.value.code == "resource_already_exists"
    asked = {"lookup_keys": [price["lookup_key"]], "expand": ["data.product"]}
    found = ask_stripe.prices.list(asked)
    assert [each.id for each in found] == [second.id]
    assert found.data[0].product.name == "Team 100k"
    assert ask_stripe.prices.retrieve(first.id).lookup_key is None


def test_a_card_is_attached_made_the_default_and_detached(ask_stripe):
    customer = ask_stripe.customers.create().id
    card = ask_stripe.payment_methods.attach("pm_card_visa", {"customer": customer})
    settings = {"invoice_settings": {"default_payment_method": card.id}}
    expand = {"expand": ["invoice_settings.default_payment_method"]}

    shown = ask_stripe.customers.update(customer, settings | expand)
    ask_stripe.payment_methods.detach(card.id)

    assert shown.invoice_settings.default_payment_method.card.last4 == "4242"
    after = ask_stripe.customers.retrieve(customer)
    assert after.invoice_settings.default_payment_method is None
    assert list(ask_stripe.customers.payment_methods.list(customer)) == []
    with pytest.raises(library.InvalidRequestError, match="may not be used again"):
        ask_stripe.payment_methods.attach(card.id, {"customer": customer})


@pytest.mark.parametrize(
    ("number", "code", "decline_code"),
    [
        ("4000000000000002", "card_declined", "generic_decline"),
        ("4000000000009995", "card_declined", "insufficient_funds"),
        ("4000000000000069", "expired_card", None),
        ("4000000000000127", "incorrect_cvc", None),
        ("4111111111111112", "incorrect_number", None),
    ],
)
def test_a_bad_card_is_not_taken(ask_stripe, number, code, decline_code):
    customer = ask_stripe.customers.create().id
    card = {"number": number, "exp_month": 1, "exp_year": 2040, "cvc": "123"}

    with pytest.raises(library.CardError) as declined:
        made = ask_stripe.payment_methods.create({"type": "card", "card": card})
        ask_stripe.payment_methods.attach(made.id, {"customer": customer})

    assert declined.value.code == code
    assert getattr(declined.value.error, "decline_code", None) == decline_code
    assert declined.value.http_status == 402


def test_a_tax_id_is_checked_by_its_form_and_then_by_its_authority(stripe, ask_stripe):
    customer = ask_stripe.customers.create().id

    def add(value):
        asked = {"type": "eu_vat", "value": value}
        return ask_stripe.customers.tax_ids.create(customer, asked)

    with pytest.raises(library.InvalidRequestError) as refused:
        add("not-a-number")
    good, bad, slow = add("DE123456789"), add("DE111111111"), add("DE222222222")
    stripe.advance(days=1)

    assert refused.value.code == "tax_id_invalid"
    assert good.verification.status == "pending"
    known = ask_stripe.customers.retrieve(customer, {"expand": ["tax_ids"]}).tax_ids
    assert {each.id: each.verification.status for each in known} == {
        good.id: "verified",
        bad.id: "unverified",
        slow.id: "pending",
    }
    assert len(stripe.events("customer.tax_id.updated")) == 2


def test_lists_come_in_pages_the_newest_first(ask_stripe):
    ids = [ask_stripe.customers.create().id for _ in range(5)]

    page = ask_stripe.customers.list({"limit": 2})
    rest = ask_stripe.customers.list({"limit": 2, "starting_after": page.data[-1].id})
    back = ask_stripe.customers.list({"limit": 2, "ending_before": rest.data[0].id})

    assert [each.id for each in page.data] == [ids[4], ids[3]]
    assert [each.id for each in rest.data] == [ids[2], ids[1]]
    assert [each.id for each in back.data] == [ids[4], ids[3]]
    assert page.has_more
    assert [each.id for each in page.auto_paging_iter()] == ids[::-1]


def test_lists_are_cut_by_time(stripe, ask_stripe):
    old = ask_stripe.customers.create()
    stripe.world.ahead += 3600
    new = ask_stripe.customers.create()

    since = ask_stripe.customers.list({"created": {"gte": new.created}})
    until = ask_stripe.customers.list({"created": {"lt": new.created}})

    assert [each.id for each in since] == [new.id]
    assert [each.id for each in until] == [old.id]


def test_events_tell_what_happened_for_thirty_days(stripe, ask_stripe):
    options = {"idempotency_key": "one"}
    made = ask_stripe.customers.create({"name": "Old"}, options)
    ask_stripe.customers.update(made.id, {"name": "New"})

    updated, created = ask_stripe.events.list({"types": ["customer.*"]})
    stripe.world.ahead += 30 * 24 * 3600 + 1

    assert created.request.idempotency_key == "one"
    assert created.data.object["name"] == "Old"
    assert updated.data.previous_attributes.to_dict() == {"name": "Old"}
    assert list(ask_stripe.events.list()) == []
    with pytest.raises(library.InvalidRequestError, match="No such event"):
        ask_stripe.events.retrieve(created.id)


def test_what_can_not_be_expanded_is_refused(ask_stripe):
    made = ask_stripe.customers.create()

    with pytest.raises(library.InvalidRequestError, match="cannot be expanded"):
        ask_stripe.customers.retrieve(made.id, {"expand": ["anchor"]})
