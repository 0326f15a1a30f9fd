"""What owners type about their plan and about who pays."""

from typing import Any

from django import forms

from billing.catalogue import catalogue, tier_title
from billing.detailing import ADDRESS
from billing.models import BillingAccount, CatalogPrice, Interval, Plan
from billing.prices import price_for
from organizations.models import Organization

FEEDBACK = [
    ("", "Rather not say"),
    ("too_expensive", "It costs too much"),
    ("missing_features", "Something is missing"),
    ("switched_service", "We use something else now"),
    ("unused", "We don't use it enough"),
    ("too_complex", "It is too complicated"),
    ("low_quality", "It does not work well enough"),
    ("customer_service", "Support did not help"),
    ("other", "Something else"),
]
TAX_ID_KINDS = [
    ("eu_vat", "EU VAT number"),
    ("gb_vat", "United Kingdom VAT number"),
    ("ch_vat", "Switzerland VAT number"),
    ("no_vat", "Norway VAT number"),
    ("us_ein", "United States EIN"),
    ("ca_gst_hst", "Canada GST/HST number"),
    ("au_abn", "Australia ABN"),
    ("nz_gst", "New Zealand GST number"),
    ("in_gst", "India GST number"),
    ("jp_trn", "Japan registration number"),
    ("sg_gst", "Singapore GST number"),
    ("br_cnpj", "Brazil CNPJ"),
    ("za_vat", "South Africa VAT number"),
]


MOST_THRESHOLDS = 10


class ChoiceForm(forms.Form):
    """A tier and a rhythm, in the currency that the page shows."""

    loc_limit = forms.TypedChoiceField(
        label="Private lines of code", coerce=int, widget=forms.RadioSelect
    )
    interval = forms.ChoiceField(label="Paid", choices=Interval.choices, widget=forms.RadioSelect)
    currency = forms.ChoiceField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, currencies: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tiers: Any = self.fields["loc_limit"]
        tiers.choices = [(tier, tier_title(tier)) for tier in catalogue().tiers]
        known: Any = self.fields["currency"]
        known.choices = [(each, each.upper()) for each in currencies]

    @property
    def shown_currency(self) -> str:
        return str(self["currency"].value() or self.initial["currency"])

    def price(self) -> CatalogPrice:
        """Raises PriceNotSold."""
        chosen = self.cleaned_data
        return price_for(Plan.TEAM, chosen["loc_limit"], chosen["interval"], self.shown_currency)


class CancelForm(forms.Form):
    feedback = forms.ChoiceField(label="Why do you cancel?", choices=FEEDBACK, required=False)
    comment = forms.CharField(
        label="What should we have done better?",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": "At most 1,000 characters."},
    )


class DetailsForm(forms.Form):
    """Who pays. What is typed here stands on the next invoice."""

    email = forms.EmailField(
        label="Billing e-mail",
        help_text="Invoices go there, and what owners are told about payments.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": "This is no e-mail address.", "required": "Type an address."},
    )
    name = forms.CharField(
        label="Name on invoices",
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": "Whom do we address invoices to?"},
    )
    line1 = forms.CharField(label="Street and number", max_length=200, required=False)
    line2 = forms.CharField(label="Second line", max_length=200, required=False)
    postal_code = forms.CharField(max_length=20, required=False)
    city = forms.CharField(max_length=100, required=False)
    state = forms.CharField(label="State or region", max_length=100, required=False)
    country = forms.RegexField(
        r"^[A-Za-z]{2}$",
        label="Country",
        help_text="Its two letters, such as DE, GB or US. Tax depends on it.",
        widget=forms.TextInput(attrs={"autocomplete": "country", "maxlength": 2}),
        error_messages={"invalid": "A country has two letters here, such as DE."},
    )
    tax_id_kind = forms.ChoiceField(
        label="Add a tax id", choices=[("", "None"), *TAX_ID_KINDS], required=False
    )
    tax_id = forms.CharField(
        label="Tax id",
        max_length=40,
        required=False,
        help_text="As it is registered, with the country's letters: DE123456789.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("tax_id")) != bool(cleaned.get("tax_id_kind")):
            name = "tax_id_kind" if cleaned.get("tax_id") else "tax_id"
            self.add_error(name, "Choose the kind and type the number, or neither.")
        return cleaned

    def details(self) -> dict[str, Any]:
        typed = self.cleaned_data
        address = {part: typed[part] for part in ADDRESS} | {"country": typed["country"].upper()}
        details = {"email": typed["email"], "name": typed["name"], "address": address}
        if typed["tax_id"]:
            value = "".join(typed["tax_id"].split())
            details["tax_id"] = {"type": typed["tax_id_kind"], "value": value}
        return details


class LimitNoticesForm(forms.Form):
    """When to hear of the limit."""

    thresholds = forms.CharField(
        label="At these shares of the limit, in percent",
        required=False,
        max_length=100,
        help_text="Whole numbers from 10 to 100, with commas between them. None is never.",
    )
    by_forecast = forms.BooleanField(
        label="30 days before the limit is reached at the pace of the last 90 days",
        required=False,
    )

    def clean_thresholds(self) -> list[int]:
        typed = self.cleaned_data["thresholds"].replace("%", " ").replace(",", " ").split()
        known = [int(each) for each in typed if each.isascii() and each.isdecimal()]
        if len(known) < len(typed) or not all(10 <= each <= 100 for each in known):
            raise forms.ValidationError("Use whole numbers from 10 to 100, such as 80, 90, 100.")
        if len(set(known)) > MOST_THRESHOLDS:
            raise forms.ValidationError(f"Choose {MOST_THRESHOLDS} at most.")
        return sorted(set(known))


def known_details(
    organization: Organization, account: BillingAccount | None, params: dict[str, Any]
) -> dict[str, Any]:
    """What the form begins with: what is known, or what was typed last and refused."""
    known = account or BillingAccount()
    address = params.get("address") or known.address or {}
    tax_id = params.get("tax_id") or {}
    return {
        "email": params.get("email") or known.email,
        "name": params.get("name") or known.name or organization.name,
        "tax_id_kind": tax_id.get("type", ""),
        "tax_id": tax_id.get("value", ""),
        **{part: address.get(part) or "" for part in ADDRESS},
    }
