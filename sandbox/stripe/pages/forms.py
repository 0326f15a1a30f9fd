"""What the forms of the pages ask for, as it was sent, and what is wrong with it."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sandbox.stripe.errors import StripeError
from sandbox.stripe.typed_cards import is_test_card

COUNTRIES = (
    ("AT", "Austria"), ("AU", "Australia"), ("BE", "Belgium"), ("CA", "Canada"),
    ("CH", "Switzerland"), ("DE", "Germany"), ("DK", "Denmark"), ("ES", "Spain"), ("FR", "France"),
    ("GB", "United Kingdom"), ("IE", "Ireland"), ("IT", "Italy"), ("NL", "Netherlands"),
    ("NO", "Norway"), ("PL", "Poland"), ("PT", "Portugal"), ("SE", "Sweden"),
    ("US", "United States"),
)  # fmt: skip
TAX_ID_KINDS = (
    ("eu_vat", "EU VAT number"), ("gb_vat", "UK VAT number"), ("ch_vat", "Swiss VAT number"),
    ("no_vat", "Norwegian VAT number"), ("us_ein", "US EIN"), ("ca_bn", "Canadian BN"),
    ("au_abn", "Australian ABN"),
)  # fmt: skip
ADDRESS = ("line1", "line2", "city", "state", "postal_code", "country")
CARD = ("number", "expiry", "cvc")


class Form:
    """Values by field, empty where none came. `notice` is about the whole, `errors` by field."""

    def __init__(self, names: Iterable[str], sent: Mapping[str, str]) -> None:
        self.values = {name: sent.get(name, "").strip() for name in names}
        self.errors: dict[str, str] = {}
        self.notice = ""

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    @property
    def is_good(self) -> bool:
        return not self.errors and not self.notice

    def require(self, **messages: str) -> None:
        """An error for each of these fields that is empty."""
        for name, message in messages.items():
            if not self.values[name]:
                self.errors.setdefault(name, message)

    def fill_card(self, number: str, now: int) -> None:
        """A test card, with what any of them takes."""
        year = datetime.fromtimestamp(now, UTC).year + 3
        self.values |= {"number": grouped(number), "expiry": f"12 / {year % 100:02}", "cvc": "123"}

    @property
    def address(self) -> dict[str, str | None]:
        return {name: self.values[name] or None for name in ADDRESS}

    @property
    def digits(self) -> str:
        return re.sub(r"\D", "", self.values["number"])

    def expires(self) -> tuple[int, int] | None:
        """Month and year, if that is what it says."""
        match = re.fullmatch(r"(0?[1-9]|1[0-2])\s*/\s*(?:20)?(\d\d)", self.values["expiry"])
        return (int(match[1]), 2000 + int(match[2])) if match else None


def check_card(form: Form, now: int) -> None:
    """As the page itself can tell, before any bank is asked."""
    if not form.digits:
        form.errors["number"] = "Your card number is incomplete."
    elif not is_test_card(form.digits):
        form.errors["number"] = (
            "Your card was declined: it is not one of the test cards, and nothing else is taken "
            "here."
        )
    _check_expiry(form, now)
    if not re.fullmatch(r"\d{3,4}", form["cvc"]):
        form.errors["cvc"] = "Your card's security code is incomplete."


def _check_expiry(form: Form, now: int) -> None:
    expires, today = form.expires(), datetime.fromtimestamp(now, UTC)
    if expires is None:
        form.errors["expiry"] = "Your card's expiration date is incomplete."
    elif expires[::-1] < (today.year, today.month):
        form.errors["expiry"] = "Your card's expiration date is in the past."


def check_email(form: Form) -> None:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", form["email"]):
        form.errors["email"] = "Enter an email address, like name@example.com."


def check_address(form: Form) -> None:
    form.require(
        line1="Enter the street and number.",
        city="Enter the city.",
        postal_code="Enter the postal code.",
        country="Choose a country.",
    )


def grouped(number: str) -> str:
    """Digits as they stand on a card."""
    return " ".join(re.findall(r".{1,4}", number))


def put_card_error(form: Form, error: StripeError) -> None:
    """Where its reader looks for it."""
    fields = {"expired_card": "expiry", "incorrect_cvc": "cvc"}
    if error.error["type"] == "card_error":
        form.errors[fields.get(error.error.get("code", ""), "number")] = str(error)
    else:
        form.notice = str(error)
