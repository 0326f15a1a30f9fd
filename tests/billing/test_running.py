"""Operations whose way is not smooth: keys that are refused, silence, workers that are too slow."""

from billing.changes import change_details
from sandbox.testing import StripeFault


def test_a_refused_key_is_no_address_that_is_not_enough(subscriber, alice, clock):
    them = subscriber()
    with them.stripe.world.lock:
        there = them.stripe.world.get("subscription", them.subscription.stripe_id)
        there["automatic_tax"] = there["automatic_tax"] | {"enabled": True}
    them.later(clock, days=30, hours=2)
    draft = them.invoices()[-1]
    them.stripe.fail_next(StripeFault.KEY_REFUSED, url=f"/v1/invoices/{draft['id']}/finalize")

    operation = them.does(change_details, by=alice, address={"city": "Kiel", "country": "DE"})

    assert (operation.state, operation.error_code) == ("failed", "payment-service-misconfigured")
