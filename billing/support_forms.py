"""What support types besides a reason."""

from django import forms

from core.admin import ReasonForm


class GraceForm(ReasonForm):
    until = forms.DateField(
        label="Until the end of",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="In UTC.",
    )
    field_order = ["until", "reason"]


class EndForm(ReasonForm):
    credit_unused = forms.BooleanField(
        required=False,
        label="Give credit for the days that are not used",
        help_text="Off: nothing is given back.",
    )
    field_order = ["credit_unused", "reason"]


class AttachForm(ReasonForm):
    key = forms.CharField(
        label="Organization", max_length=64, help_text="Its key, as in its address."
    )
    subscription_id = forms.RegexField(
        r"^sub_\w+$",
        label="Subscription",
        max_length=64,
        help_text="Its id at Stripe: sub_…",
        error_messages={"invalid": "The id of a subscription begins with sub_."},
    )
    field_order = ["key", "subscription_id", "reason"]
