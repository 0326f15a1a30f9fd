"""Who pays and who creates at the same instant: one of them has the key and the organization."""

import threading

import pytest
from django.db import connection, connections

from billing.models import BillingAccount, Operation
from bindings.errors import AlreadyImported
from onboarding.errors import BeingPaid
from onboarding.models import Import
from onboarding.operations import finish_import
from onboarding.paying import begin_payment
from organizations.errors import KeyTaken
from organizations.models import Organization
from tests.factories import ImportFactory, PriceFactory

EXTERNAL_ID = "2b6a5b6e-0000-4000-8000-000000000002"
NO = {KeyTaken: "key", BeingPaid: "held", AlreadyImported: "here"}


@pytest.fixture
def nobody_works(settings):
    """What is asked of Stripe waits."""
    settings.STRIPE_API_URL = "http://127.0.0.1:1"


def all_at_once(imports):
    """Half of them pay and half create, all starting together. Returns the ends."""
    barrier, ends = threading.Barrier(len(imports)), []

    def go(import_):
        barrier.wait()
        try:
            act = begin_payment if import_.lookup_key else finish_import
            act(import_, by=import_.user)
            ends.append("paying" if import_.lookup_key else "created")
        except tuple(NO) as error:
            ends.append(NO[type(error)])
        except Exception as error:
            ends.append(repr(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=[import_]) for import_ in imports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def crowd(**shared):
    price = PriceFactory()
    # SQLite lets one writer in at a time, so many would only queue there.
    half = 20 if connection.vendor == "postgresql" else 6
    paying = {"plan": "team", "lookup_key": price.lookup_key}
    return [
        each
        for _ in range(half)
        for each in (
            ImportFactory(ready=True, **shared, **paying),
            ImportFactory(ready=True, **shared),
        )
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("shared", [{"key": "contoso"}, {"external_id": EXTERNAL_ID}])
def test_of_many_who_pay_or_create_exactly_one_does(nobody_works, shared):
    imports = crowd(**shared)

    ends = all_at_once(imports)

    won = [end for end in ends if end in ("paying", "created")]
    assert len(won) == 1
    assert set(ends) - set(won) <= {"key", "held", "here"}
    assert Organization.objects.count() + Import.objects.filter(is_reserved=True).count() == 1
    assert BillingAccount.objects.count() == Operation.objects.count() == ends.count("paying")


@pytest.mark.django_db(transaction=True)
def test_a_double_click_on_pay_is_one_checkout(nobody_works):
    import_ = ImportFactory(ready=True, plan="team", lookup_key=PriceFactory().lookup_key)

    ends = all_at_once([Import.objects.get(pk=import_.pk) for _ in range(8)])

    assert set(ends) == {"paying"}
    assert BillingAccount.objects.count() == Operation.objects.count() == 1
