"""Stripe, as far as the product can tell: its API, its pages, its webhooks and its clock."""
