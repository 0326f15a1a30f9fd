"""What support says again and again."""

import re

from django.core.exceptions import ValidationError
from django.db import models

# In a text, each is replaced by what it stands for.
PLACEHOLDERS = ("{organization}", "{claimant}")


def check_placeholders(text: str) -> None:
    unknown = sorted(set(re.findall(r"\{[^{}]*\}", text)) - set(PLACEHOLDERS))
    if unknown:
        raise ValidationError(
            f"Nothing takes the place of {', '.join(unknown)}. There are {{organization}} and "
            "{claimant}."
        )


class ReplyTemplate(models.Model):
    """A text to begin with, when support asks or rejects."""

    class About(models.TextChoices):
        ASK = "ask", "Ask the claimant"
        REJECT = "reject", "Reject"

    title = models.CharField(max_length=80, help_text="What it is for, as the desk lists it.")
    about = models.CharField("for", max_length=8, choices=About)
    text = models.TextField(
        max_length=2000,
        validators=[check_placeholders],
        help_text="{organization} becomes what the claimant calls it, {claimant} their name.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["about", "title"],
                name="one_reply_template_a_title",
                violation_error_message="There is one with this title already.",
            )
        ]

    def __str__(self) -> str:
        return self.title
