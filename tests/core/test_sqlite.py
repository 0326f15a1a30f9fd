"""Triggers outlive a change of their table on SQLite, where Django makes the table anew."""

import pytest
from django.db import IntegrityError, connection, models, transaction

from bindings.models import DevOpsBinding
from organizations.models import Organization
from tests.factories import BindingFactory

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL changes a table in place."
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", [Organization, DevOpsBinding])
def test_a_new_column_leaves_the_binding_for_ever(model):
    field = models.CharField(max_length=10, null=True, default="none")  # noqa: DJ001
    field.set_attributes_from_name("remark")

    with connection.schema_editor() as editor:
        editor.add_field(model, field)
    try:
        BindingFactory()
        with pytest.raises(IntegrityError, match="for ever"), transaction.atomic():
            DevOpsBinding.objects.update(platform="github")
    finally:
        with connection.schema_editor() as editor:
            editor.remove_field(model, field)
