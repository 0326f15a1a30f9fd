"""Many people, one organization, the same instant."""

import threading

import pytest
from django.db import connection, connections

from bindings.errors import AlreadyImported
from bindings.models import DevOpsBinding
from onboarding.models import Import
from onboarding.operations import finish_import
from organizations.models import Organization
from tests.factories import ImportFactory

EXTERNAL_ID = "2b6a5b6e-0000-4000-8000-000000000001"


def finish_all(imports):
    """Finish each import on a thread of its own, all starting together. Returns the ends."""
    barrier, ends = threading.Barrier(len(imports)), []

    def finish(import_):
        barrier.wait()
        try:
            ends.append(finish_import(import_, by=import_.user).key)
        except AlreadyImported:
            ends.append("fork")
        except Exception as error:
            ends.append(repr(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=finish, args=[import_]) for import_ in imports]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_key", [True, False], ids=["the same key", "keys of their own"])
def test_of_many_imports_of_one_organization_exactly_one_wins(same_key):
    # SQLite lets one writer in at a time, so a crowd would only queue there.
    crowd = 200 if connection.vendor == "postgresql" else 24
    extra = {"key": "contoso"} if same_key else {}
    imports = ImportFactory.create_batch(crowd, ready=True, external_id=EXTERNAL_ID, **extra)

    ends = finish_all(imports)

    assert sorted(ends, key=lambda end: end == "fork")[1:] == ["fork"] * (crowd - 1)
    assert Organization.objects.count() == DevOpsBinding.objects.count() == 1
    assert Import.objects.filter(state="created").count() == 1
    assert not Import.objects.filter(secret__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_a_double_click_on_create_makes_one_organization():
    import_ = ImportFactory(ready=True)

    ends = finish_all([Import.objects.get(pk=import_.pk) for _ in range(8)])

    assert set(ends) == {import_.key}
    assert Organization.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_organizations_that_want_one_key_one_is_told_it_is_taken():
    imports = ImportFactory.create_batch(6, ready=True, key="contoso")

    ends = finish_all(imports)

    assert ends.count("contoso") == 1
    assert sum("KeyTaken" in end for end in ends) == 5
    assert Import.objects.filter(state="ready").count() == 5
