from django.db import migrations


def take_over(apps, schema_editor):
    """What organizations are bound to, and that those with a trial have had theirs."""
    account_model = apps.get_model("billing", "BillingAccount")
    accounts = account_model.objects.filter(organization__binding__isnull=False, external_id="")
    for account in accounts.select_related("organization__binding").iterator(chunk_size=500):
        binding = account.organization.binding
        remember(apps, account, binding.platform, binding.external_id)


def remember(apps, account, platform, external_id):
    account.platform, account.external_id = platform, external_id
    account.save(update_fields=["platform", "external_id"])
    if account.trial_used_at:
        apps.get_model("billing", "TrialOrganization").objects.get_or_create(
            platform=platform,
            external_id=external_id,
            defaults={"account": account, "used_at": account.trial_used_at},
        )


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0008_trials_of_external_organizations"),
        ("bindings", "0010_repositories_listed"),
        ("organizations", "0002_history_stays"),
    ]

    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
