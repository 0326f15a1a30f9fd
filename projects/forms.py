"""What people type about projects."""

from datetime import date
from typing import Any

from django import forms

from bindings.forms import TokenForm, refuse_in_place
from bindings.providers.azure_tokens import check_token
from projects.keys import problem_with_key
from projects.operations import NewProject
from projects.own_tokens import OwnToken
from projects.rules import LONGEST, problem_with_rules

TEXT = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


def name_field() -> forms.CharField:
    return forms.CharField(
        max_length=255,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Give the project a name.",
            "max_length": "A name has at most 255 characters.",
        },
    )


class KeyField(forms.CharField):
    """A project's key. Whether it is free is seen when it is taken."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            widget=forms.TextInput(attrs=TEXT),
            error_messages={"required": problem_with_key("") or ""},
            **options,
        )

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and (problem := problem_with_key(value)):
            raise forms.ValidationError(problem)


class NamingForm(forms.Form):
    """Name and key of one of many new projects."""

    name = name_field()
    key = KeyField()


class ProjectForm(forms.Form):
    """Name and rules of a project."""

    name = name_field()
    rules = forms.CharField(
        label="What counts",
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "mono"}),
        help_text="Lines as in a .gitattributes file: a pattern, then what is said of the files it "
        f"fits. At most {LONGEST:,} characters.",
    )

    def clean_rules(self) -> str:
        # Browsers send two characters for one.
        rules = str(self.cleaned_data["rules"]).replace("\r\n", "\n")
        if problem := problem_with_rules(rules):
            raise forms.ValidationError(problem)
        return rules


class OwnTokenForm(forms.Form):
    """A token of a project's own. It is never sent back to the page."""

    token = forms.CharField(
        label="Personal access token",
        strip=False,
        help_text="84 characters from Azure DevOps. It is tried at once, encrypted, and never "
        "shown again.",
        widget=forms.PasswordInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "data-token-field": ""}
        ),
        error_messages={"required": "Paste the token."},
    )
    token_expires_on = TokenForm.base_fields["token_expires_on"]

    def clean_token(self) -> str:
        token = self.cleaned_data["token"]
        return refuse_in_place(check_token, token) if token else ""

    def own_token(self) -> OwnToken:
        return OwnToken(self.cleaned_data["token"], self._expires_on)

    @property
    def _expires_on(self) -> date | None:
        return self.cleaned_data.get("token_expires_on")


class NewProjectForm(OwnTokenForm):
    """A project by hand, with a repository or without one."""

    field_order = ["name", "key", "platform_project", "repository"]
    name = name_field()
    key = KeyField(
        required=False,
        help_text="Its name in addresses and in the API, which stays. Leave it empty to have it "
        "made from the name.",
    )
    platform_project = forms.CharField(
        label="Project in Azure DevOps",
        required=False,
        max_length=255,
        widget=forms.TextInput(attrs=TEXT),
    )
    repository = forms.CharField(
        label="Repository",
        required=False,
        max_length=255,
        widget=forms.TextInput(attrs=TEXT),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].required = False

    def wanted(self) -> NewProject:
        typed = self.cleaned_data
        return NewProject(
            name=typed["name"],
            key=typed["key"],
            platform_project=typed["platform_project"],
            repository=typed["repository"],
            token=typed["token"],
            token_expires_on=self._expires_on,
        )
