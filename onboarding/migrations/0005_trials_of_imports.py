from importlib import import_module

from django.db import migrations

remember = import_module("billing.migrations.0009_trials_there_were").remember


def take_over(apps, schema_editor):
    """For what imports were paid whose organizations are gone, or never came."""
    imports = apps.get_model("onboarding", "Import").objects.exclude(external_id="")
    paid = imports.filter(billing__isnull=False, billing__external_id="").select_related("billing")
    for import_ in paid.iterator(chunk_size=500):
        remember(apps, import_.billing, import_.platform, import_.external_id)


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0009_trials_there_were"),
        ("onboarding", "0004_payment"),
    ]

    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
