"""Who can place the words, in the word for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("claims", "0006_owned_before"),
    ]

    operations = [
        migrations.AlterField(
            model_name="evidence",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("administrator", "An administrator of the organization there"),
                    ("administrator_unknown", "Belongs there; administrator or not, unknown"),
                    ("not_administrator", "Belongs there, and is no administrator"),
                    ("other_organization", "A token of another organization"),
                    ("refused", "Azure DevOps refuses the token"),
                    ("placed", "The words are there. A project administrator can place these"),
                    ("not_placed", "The words are not there"),
                    ("could_not_look", "We can't look there ourselves"),
                    ("no_answer", "Azure DevOps did not answer"),
                    ("owners_domain", "A verified address on an owner's domain"),
                ],
                max_length=24,
            ),
        ),
    ]
