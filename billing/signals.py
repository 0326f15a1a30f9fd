"""What rooms above may want to know."""

from django.dispatch import Signal

# After an account was made what Stripe says it is, and that is committed; `account_id` names it.
# A receiver must be safe to run twice, and a sweep must find what it missed.
account_synced = Signal()
