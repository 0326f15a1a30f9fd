"""Stripe's Checkout, without HTTP and pages: what a session takes, asks for and ends in."""
