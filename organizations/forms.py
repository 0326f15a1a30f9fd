"""What people type about an organization."""

from typing import Any

from django import forms

from core.errors import DomainError
from organizations.addresses import WEB_ADDRESS
from organizations.models import Avatar
from organizations.pictures import make_avatar

LONGEST_URL = 255


class DetailsForm(forms.Form):
    """Name, description, URL and avatar. `avatar` is a file going in, an Avatar coming out."""

    name = forms.CharField(
        max_length=255,
        widget=forms.TextInput(attrs={"data-preview-target": "#preview-name"}),
        error_messages={
            "required": "Give the organization a name.",
            "max_length": "A name has at most 255 characters.",
        },
    )
    description = forms.CharField(
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "data-preview-target": "#preview-description"}),
        help_text="What this organization is about, for the people in it.",
        error_messages={"max_length": "A description has at most 1,000 characters."},
    )
    url = forms.CharField(
        label="URL",
        required=False,
        max_length=LONGEST_URL,
        widget=forms.URLInput(),
        help_text="The home page of the organization. We show it as a link and never open it.",
        error_messages={"max_length": "A web address has at most 255 characters here."},
    )
    avatar = forms.FileField(
        required=False,
        widget=forms.FileInput(
            attrs={
                "accept": "image/png,image/jpeg,image/webp,image/gif",
                "data-preview-target": "#preview-avatar",
            }
        ),
        help_text="PNG, JPEG, WebP or GIF up to 4 MB. It is cut to a square of 256 × 256.",
        error_messages={"empty": "This file is empty. Choose another one."},
    )

    def clean_url(self) -> str:
        """`example.com` is meant as an address too."""
        typed = str(self.cleaned_data["url"]).strip()
        address = f"https://{typed}" if typed and "://" not in typed else typed
        if address:
            WEB_ADDRESS(address)
        if len(address) > LONGEST_URL:
            raise forms.ValidationError(self.fields["url"].error_messages["max_length"])
        return address

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        # A browser does not send a file twice, so one that was good is asked for again.
        if self.errors and cleaned.get("avatar"):
            self.add_error(
                "avatar", "This picture is fine. Choose it again when you send the rest."
            )
        return cleaned

    def clean_description(self) -> str:
        """With line breaks as the API takes them; browsers send two characters for one."""
        return str(self.cleaned_data["description"]).replace("\r\n", "\n")

    def clean_avatar(self) -> Avatar | None:
        if not (upload := self.cleaned_data["avatar"]):
            return None
        try:
            return make_avatar(upload)
        except DomainError as error:
            raise forms.ValidationError(error.message) from error

    def details(self) -> dict[str, Any]:
        """What was typed; an avatar only if a new one was sent."""
        return {k: v for k, v in self.cleaned_data.items() if k != "avatar" or v}


class KeyForm(forms.Form):
    """The key to have, and the present one, to confirm that this is meant."""

    key = forms.CharField(
        max_length=200,
        error_messages={
            "required": "Choose a key.",
            "max_length": "A key has at most 64 characters.",
        },
    )
    confirm = forms.CharField(
        max_length=200,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, present: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.present = present
        confirm = self.fields["confirm"]
        confirm.label = f"Type {present} to confirm"
        confirm.error_messages["required"] = self._mistyped

    @property
    def _mistyped(self) -> str:
        return f"This is not the key it has now. Type {self.present} exactly."

    def clean_confirm(self) -> str:
        typed = str(self.cleaned_data["confirm"])
        if typed != self.present:
            raise forms.ValidationError(self._mistyped)
        return typed


class RecoveryForm(forms.Form):
    """Who is asked when no owner can be reached; empty for nobody."""

    recovery_email = forms.EmailField(
        label="Recovery contact",
        required=False,
        help_text="A shared mailbox of your company is best. Empty for none.",
        error_messages={"invalid": "This is no e-mail address. Write it like name@example.com."},
    )
