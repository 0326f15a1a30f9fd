"""By what the record is narrowed, on its page and in the API."""

from typing import Any

from django import forms

from organizations.actions import Family
from organizations.history import Wanted
from organizations.models import HOW

NO_DAY = {"invalid": "Write a day like this: 2026-11-26."}


class WantedForm(forms.Form):
    """`family`, `email`, `channel`, `from` and `to`; none of them has to be there."""

    family = forms.ChoiceField(
        label="What", choices=[("", "Everything"), *Family.choices],
        error_messages={"invalid_choice": f"Choose among: {', '.join(Family.values)}."},
    )  # fmt: skip
    email = forms.CharField(label="Who, by e-mail address", max_length=254)
    channel = forms.ChoiceField(
        label="How", choices=[("", "Any way"), *HOW.items()],
        error_messages={"invalid_choice": f"Choose among: {', '.join(HOW)}."},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Words of Python, so no attributes.
        for name, label in (("from", "From (UTC)"), ("to", "To")):
            day = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            self.fields[name] = forms.DateField(
                label=label, widget=day, input_formats=["%Y-%m-%d"], error_messages=NO_DAY
            )
        for field in self.fields.values():
            field.required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("from"), cleaned.get("to")
        if first and last and last < first:
            self.add_error("to", "The last day is before the first one.")
        return cleaned

    @property
    def wanted(self) -> Wanted:
        typed = dict(self.cleaned_data)
        return Wanted(since=typed.pop("from"), until=typed.pop("to"), **typed)
