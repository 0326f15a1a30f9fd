"""What people type during an import."""

from typing import Any

from django import forms

from bindings.providers.azure_names import parse_organization
from bindings.providers.azure_tokens import check_token
from core.errors import DomainError
from core.logs import redact
from organizations.forms import DetailsForm


class AddressInput(forms.TextInput):
    """Shows again what was typed, save for a token that landed in it."""

    def format_value(self, value: Any) -> str | None:
        return redact(str(value)) if value else None


class ConnectForm(forms.Form):
    """Organization and token. The token is never sent back to the page."""

    organization = forms.CharField(
        label="Azure DevOps organization",
        max_length=2000,
        help_text="Its name, or any address of it: contoso, dev.azure.com/contoso, "
        "contoso.visualstudio.com or a clone address.",
        widget=AddressInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "data-token-page": "",
            }
        ),
        error_messages={
            "required": "Type the organization: its name, or its address as copied.",
            "max_length": "This is too long: an organization's name has 50 characters at most.",
        },
    )
    token = forms.CharField(
        label="Personal access token",
        strip=False,
        help_text="84 characters from Azure DevOps. We encrypt it and never show it again.",
        widget=forms.PasswordInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "data-token-field": ""}
        ),
        error_messages={"required": "Paste the token."},
    )
    token_expires_on = forms.DateField(
        label="Expires on",
        required=False,
        help_text="Azure DevOps shows this date only to the person who makes the token.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Type a date, such as 2027-03-12."},
    )

    def clean_organization(self) -> str:
        return refuse_in_place(parse_organization, self.cleaned_data["organization"])

    def clean_token(self) -> str:
        return refuse_in_place(check_token, self.cleaned_data["token"])


def refuse_in_place(check: Any, value: str) -> str:
    """Run a domain check as a form's own, so that several fields can complain at once."""
    try:
        return str(check(value))
    except DomainError as error:
        raise forms.ValidationError(error.message) from error


class ImportDetailsForm(DetailsForm):
    """The details of an organization that does not exist yet: these include its key."""

    field_order = ["name", "key", "avatar", "description", "url"]
    key = forms.CharField(
        label="Key",
        strip=True,
        max_length=200,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={
            "required": "Choose a key.",
            "max_length": "A key has at most 64 characters.",
        },
    )
