"""What is sold, as it is at Stripe."""

from django.db import models
from django.db.models import Q


class Plan(models.TextChoices):
    FREE = "free", "Free"
    TEAM = "team", "Team"
    ENTERPRISE = "enterprise", "Enterprise"


class Interval(models.TextChoices):
    MONTH = "month", "Monthly"
    YEAR = "year", "Yearly"


class CatalogPrice(models.Model):
    """A price of the catalogue as it is at Stripe. Amounts never change; a new version is another
    row, and the old one stays for whoever pays it.
    """

    lookup_key = models.CharField(max_length=100, unique=True)
    plan = models.CharField(max_length=16, choices=Plan)
    loc_limit = models.PositiveBigIntegerField()
    interval = models.CharField(max_length=8, choices=Interval)
    currency = models.CharField(max_length=3)
    amount = models.PositiveBigIntegerField(help_text="In minor units")
    version = models.PositiveSmallIntegerField(default=1)
    product_id = models.CharField(max_length=64)
    price_id = models.CharField(max_length=64, unique=True)
    is_live = models.BooleanField(default=False)
    is_sold = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "loc_limit", "interval", "currency", "is_live"],
                condition=Q(is_sold=True),
                name="one_price_sold_for_each_choice",
            )
        ]

    def __str__(self) -> str:
        return self.lookup_key


class PortalConfiguration(models.Model):
    """What customers may do in Stripe's portal, as it is kept there."""

    is_live = models.BooleanField(primary_key=True)
    configuration_id = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.configuration_id
