"""What people type about their account."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from accounts.models import Scope

LIFETIMES = [(30, "30 days"), (90, "90 days"), (365, "One year")]


class ApiTokenForm(forms.Form):
    name = forms.CharField(
        max_length=100,
        help_text="What will use it, so that you know it again: “Nightly scanner”.",
        error_messages={"required": "Give the token a name, so that you know it again."},
    )
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing it may do."},
    )
    days = forms.TypedChoiceField(label="Expires after", choices=LIFETIMES, coerce=int, initial=90)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "days" in cleaned:
            cleaned["expires_at"] = timezone.now() + timedelta(days=cleaned.pop("days"))
        return cleaned
