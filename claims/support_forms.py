"""What support types about claims."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.text import Truncator

from accounts.roles import acting
from claims.errors import AnsweredAlready
from claims.models import Objection
from claims.operations import LONGEST_TEXT
from core.admin import ReasonForm

LARGE = {"rows": 8, "class": "vLargeTextField"}


class PressForm(forms.Form):
    """Nothing has to be said."""


class AssignForm(ReasonForm):
    to = forms.ModelChoiceField(acting(), label="To", empty_label=None)
    field_order = ["to", "reason"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].required = False


class AskForm(forms.Form):
    text = forms.CharField(
        label="Question",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs=LARGE),
        help_text="The claimant reads it on the page of the claim, and answers there.",
    )


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Note",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs=LARGE),
        help_text="For support alone: neither the claimant nor an owner ever reads it.",
    )


class RejectForm(ReasonForm):
    reason = forms.CharField(
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs=LARGE),
        help_text="The claimant is mailed it, and it goes on the record with your name.",
    )


class ObjectionField(forms.ModelChoiceField):
    def label_from_instance(self, objection: Any) -> str:
        who = objection.by_email or objection.get_who_display()
        return Truncator(f"{who}: {objection.reason or '–'}").chars(100)


class AnswerForm(ReasonForm):
    objection = ObjectionField(
        Objection.objects.none(),
        empty_label=None,
        error_messages={"invalid_choice": AnsweredAlready.message},
    )
    field_order = ["objection", "reason"]

    def offer(self, objections: QuerySet[Objection]) -> None:
        """Those that have no answer yet."""
        field: Any = self.fields["objection"]
        field.queryset = objections
