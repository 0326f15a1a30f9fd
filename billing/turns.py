"""One worker at a time talks to Stripe about an account."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

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


@contextmanager
def still_ours(account: BillingAccount) -> Iterator[None]:
    """What is written in this block is written while the turn is ours: nobody can take it before
    the end. Raises LeaseLost where somebody has.
    """
    held = BillingAccount.objects.select_for_update().filter(pk=account.pk, lease=account.lease)
    with transaction.atomic():
        if held.values_list("pk", flat=True).first() is None:
            raise LeaseLost
        yield


def _give_back(lease: Lease[BillingAccount]) -> None:
    try:
        lease.end()
    except LeaseLost:
        # Whoever has it now gives it back.
        return
