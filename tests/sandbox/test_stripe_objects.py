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


def test_a_price_is_found_by_its_key_and_never_changes_its_amount(ask_stripe):
    product = ask_stripe.products.create({"name": "Team 100k", "metadata": {"plan": "team"}})
    asked = {
        "product": product.id,
        "currency": "eur",
        "unit_amount": 3000,
        "recurring": {"interval": "month"},
        "lookup_key": "team-100k-month-eur-v1",
    }
    price = ask_stripe.prices.create(asked)

    with pytest.raises(library.InvalidRequestError) as taken:
        ask_stripe.prices.create(asked)
    with pytest.raises(library.InvalidRequestError) as frozen:
        ask_stripe.prices.update(price.id, {"unit_amount": 1})
    moved = ask_stripe.prices.create({**asked, "unit_amount": 3100, "transfer_lookup_key": True})

    assert taken.value.code == "resource_already_exists"
    assert frozen.value.code == "parameter_unknown"
    found = ask_stripe.prices.list(
        {"lookup_keys": [asked["lookup_key"]], "expand": ["data.product"]}
    )
    assert [each.id for each in found] == [moved.id]
    assert found.data[0].product.name == "Team 100k"
