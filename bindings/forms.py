"""What people type about a token."""

from typing import Any

from django import forms

from bindings.models import PersonalAccessToken
from bindings.providers.azure_names import parse_organization
from bindings.providers.azure_tokens import check_token
from bindings.replacing import Replacement
from core.errors import DomainError
from core.redaction import redact


class AddressInput(forms.TextInput):
    """Shows again what was typed, save for a token that landed in it."""

    def format_value(self, value: Any) -> str | None:
        return redact(str(value)) if value else None


class TokenForm(forms.Form):
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


class ReplaceForm(TokenForm):
    """The next token. The organization's name is asked for because it may have changed there.

    `standby` is a sound one that waits, which its owner may only wipe on purpose.
    """

    NOW, WHEN_NEEDED = "now", "when_needed"
    field_order = ["token", "token_expires_on", "when", "replace_standby", "organization"]
    when = forms.ChoiceField(
        label="Use it",
        choices=[
            (NOW, "Now, as soon as it is verified"),
            (WHEN_NEEDED, "When it is needed: we switch when the present one fails or expires"),
        ],
        initial=NOW,
        widget=forms.RadioSelect,
    )
    replace_standby = forms.BooleanField(
        required=False,
        help_text="It works, and only one can wait: it is wiped before the new one is verified, "
        "and does not come back if that is refused.",
    )

    def __init__(
        self, *args: Any, standby: PersonalAccessToken | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if standby:
            label = f"Wipe the token that stands by, …{standby.last_four}"
            self.fields["replace_standby"].label = label
        else:
            del self.fields["replace_standby"]
        name = self.fields["organization"]
        name.label = "Name of the organization there"
        name.required = False
        name.help_text = "Change it only if the organization was renamed in Azure DevOps."

    def clean_organization(self) -> str:
        return super().clean_organization() if self.cleaned_data["organization"] else ""

    def replacement(self) -> Replacement:
        typed = self.cleaned_data
        return Replacement(
            typed["token"],
            typed["token_expires_on"],
            organization=typed["organization"],
            is_standby=typed["when"] == self.WHEN_NEEDED,
            replaces_standby=typed.get("replace_standby", False),
        )


class NameForm(forms.Form):
    """The name that the organization has there now."""

    organization = TokenForm.base_fields["organization"]

    def clean_organization(self) -> str:
        return refuse_in_place(parse_organization, self.cleaned_data["organization"])


class ExpiryForm(forms.Form):
    """The date on which the token in use expires."""

    token_expires_on = forms.DateField(
        label="Expires on",
        help_text="In Azure DevOps under User settings → Personal access tokens, signed in as the "
        "account that made it.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Type the date on which the token expires.",
            "invalid": "Type a date, such as 2027-03-12.",
        },
    )
