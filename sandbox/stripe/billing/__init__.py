"""What follows from a subscription: periods, prorations, invoices, payments, dunning, the clock.

Works on the objects of a `StripeWorld`; `resources` puts it behind addresses.
"""
