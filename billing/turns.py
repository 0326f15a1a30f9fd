"""One worker at a time talks to Stripe about an account."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from billing.errors import AccountBusy
from billing.models import BillingAccount
from core import leases
from core.leases import Lease, LeaseLost


@contextmanager
def account_turn(account_id: uuid.UUID) -> Iterator[BillingAccount]:
    """The account, for nobody else until the end of the block. Raises AccountBusy where another
    worker has it, and for one that is gone.
    """
    account = leases.claim(BillingAccount.objects.filter(leases.free()), account_id)
    if account is None:
        raise AccountBusy
    with Lease(account) as lease:
        try:
            yield account
        finally:
            _give_back(lease)


def _give_back(lease: Lease[BillingAccount]) -> None:
    try:
        lease.end()
    except LeaseLost:
        # Whoever has it now gives it back.
        return
