"""The pages that Stripe hosts, and a desk to turn everything from."""

from .blueprint import create_stripe_pages

__all__ = ["create_stripe_pages"]
