"""What people type about claims."""

from django import forms

from bindings.forms import TokenForm, refuse_in_place
from bindings.providers.azure_names import parse_organization
from bindings.providers.azure_tokens import check_token
from claims.operations import LONGEST_TEXT


class StatementForm(forms.Form):
    """What happened."""

    statement = forms.CharField(
        label="What happened",
        max_length=LONGEST_TEXT,
        help_text="How access was lost, and why no owner can be reached. Its owners and support "
        "read this.",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Say what happened, in a few sentences."},
    )


class ClaimForm(StatementForm):
    """And which organization it is, as it is called there."""

    organization = TokenForm.base_fields["organization"]
    field_order = ["organization", "statement"]

    def clean_organization(self) -> str:
        return refuse_in_place(parse_organization, self.cleaned_data["organization"])


class PasteForm(forms.Form):
    """A token for one look. It is never sent back to the page."""

    token = forms.CharField(
        label="Personal access token",
        strip=False,
        help_text="Of an administrator there, with full access or at least Code → Read. We look "
        "once, write nothing, and wipe it within ten minutes. Revoke it afterwards.",
        widget=forms.PasswordInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "data-token-field": ""}
        ),
        error_messages={"required": "Paste the token."},
    )

    def clean_token(self) -> str:
        return refuse_in_place(check_token, self.cleaned_data["token"])


class AnswerForm(forms.Form):
    """The answer to a question of support's."""

    text = forms.CharField(
        label="Your answer",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write an answer first."},
    )


class ObjectionForm(forms.Form):
    """Why a claim is not right, for who likes to say it."""

    reason = forms.CharField(
        label="Why it is not right",
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def given(self) -> str:
        """What was typed; empty where it can't be used."""
        return str(self.cleaned_data["reason"]) if self.is_valid() else ""
