"""What people type about their account."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone

from accounts.kinds import Kind
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


class DeleteAccountForm(forms.Form):
    email = forms.CharField(
        label="Your e-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Type your address to confirm."},
    )

    def __init__(self, typed: Mapping[str, Any] | None, *, email: str) -> None:
        super().__init__(typed)
        self.expected = email
        self.fields["email"].help_text = f"Type {email} to confirm."

    def clean_email(self) -> str:
        typed = str(self.cleaned_data["email"])
        if typed.casefold() != self.expected.casefold():
            raise forms.ValidationError(f"This is another address. Type {self.expected}.")
        return typed


class MailsForm(forms.Form):
    """A box for each kind of notification: whether it comes by mail."""

    def __init__(self, typed: Mapping[str, Any] | None, *, silenced: Collection[str]) -> None:
        super().__init__(typed)
        for kind in filter(lambda kind: kind.is_mailed, Kind):
            self.fields[kind.value] = forms.BooleanField(
                label=kind.label,
                help_text=kind.lock,
                required=False,
                # What is sent for it all the same counts for nothing.
                disabled=kind.always_mailed,
                initial=kind.always_mailed or kind not in silenced,
            )

    def choices(self) -> dict[Kind, bool]:
        """What may be chosen, as it was."""
        free = [kind for kind in Kind if kind.is_mailed and not kind.always_mailed]
        return {kind: self.cleaned_data[kind.value] for kind in free}
