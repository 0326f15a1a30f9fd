"""Many rows in one go come out as Django itself would have written them."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.forms.models import model_to_dict
from django.utils import timezone

from bindings.models import Verification
from core.rows import insert, save_fields
from tests.factories import BindingFactory, RepositoryFactory

pytestmark = pytest.mark.django_db

AWKWARD = [{"code": "a'b", "message": 'He said "%s" and \\ left — 100 %', "at": None, "n": 1.5}]


def looks(count):
    binding = BindingFactory()
    return [
        Verification(binding=binding, verdict="healthy", checks=AWKWARD, latency_ms=number)
        for number in range(count)
    ]


def test_what_is_inserted_is_what_comes_back():
    rows = looks(3)

    insert(rows)

    for row in rows:
        found = Verification.objects.get(pk=row.pk)
        assert model_to_dict(found) == model_to_dict(row)
        assert (found.at, found.checks) == (row.at, AWKWARD)


def test_only_the_named_fields_are_saved():
    rows = [RepositoryFactory(name=name) for name in ("one", "two")]
    later = timezone.now() + timedelta(hours=1)
    for row in rows:
        row.name, row.project_name, row.vanished_at = f"{row.name}'", "left alone", later

    save_fields(rows, ["name", "vanished_at"])

    for row in rows:
        known, project = row.name, row.project_name
        row.refresh_from_db()
        assert (row.name, row.vanished_at) == (known, later)
        assert row.project_name != project


def test_constraints_hold_and_none_of_the_rows_is_left():
    row, other = looks(2)
    other.pk = row.pk

    with pytest.raises(IntegrityError), transaction.atomic():
        insert([row, other])

    assert not Verification.objects.exists()


def test_nothing_to_write_is_fine():
    insert([])
    save_fields([], ["name"])
    save_fields(looks(1), [])
