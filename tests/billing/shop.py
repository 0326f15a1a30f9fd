"""A catalogue at Stripe, and our rows of it."""

from billing import stripe_api
from billing.models import CatalogPrice
from tests.factories import PriceFactory


def forget_customers(stripe):
    """Stripe as it was when nobody had bought: what is sold there stays."""
    sold = [*stripe.world.all("product"), *stripe.world.all("price")]
    stripe.reset()
    for thing in sold:
        stripe.world.put(thing)


def sell(**values) -> CatalogPrice:
    """A price that is sold here and there."""
    row = PriceFactory.build(**values)
    about = {"plan": row.plan, "loc_limit": row.loc_limit}
    named = {"name": f"Team {row.loc_limit}", "metadata": about}
    row.product_id = stripe_api.ask(lambda v1: v1.products.create(named))["id"]
    params = {
        "product": row.product_id,
        "unit_amount": row.amount,
        "currency": row.currency,
        "recurring": {"interval": row.interval},
        "lookup_key": row.lookup_key,
        "metadata": about,
    }
    row.price_id = stripe_api.ask(lambda v1: v1.prices.create(params))["id"]
    row.save()
    return row
