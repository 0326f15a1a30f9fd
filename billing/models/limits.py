"""What is kept of an organization's limit, which also those have that never bought anything."""

from django.db import models

from organizations.models import Organization


def usual_thresholds() -> list[int]:
    """In percent of the limit."""
    return [80, 90, 100]


class LimitWatch(models.Model):
    """When owners want to hear of their limit, and what they have heard that is still so."""

    organization = models.OneToOneField(
        Organization, primary_key=True, on_delete=models.CASCADE, related_name="limit_watch"
    )
    thresholds = models.JSONField(default=usual_thresholds, help_text="in percent of the limit")
    by_forecast = models.BooleanField(default=True)
    told = models.JSONField(
        default=dict, blank=True, help_text="since when, by threshold, until well below it"
    )

    def __str__(self) -> str:
        return ", ".join(f"{each} %" for each in self.thresholds)
