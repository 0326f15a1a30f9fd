"""What our staff does in Stripe's own dashboard."""

import stripe as library


def stripe_v1(buyer):
    key = "sk_test_" + "staff"
    return library.StripeClient(key, base_addresses={"api": buyer.stripe.url}).v1
