"""What people type during an import."""

from django import forms

from organizations.forms import DetailsForm


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
