"""Somebody at the pages of Stripe, without a browser: forms are read and posted over HTTP."""

import http.client
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit

GOOD_CARD = "4242424242424242"
PAYER = {
    "email": "payer@example.com",
    "name": "Alice Payer",
    "line1": "1 Quay Street",
    "postal_code": "10115",
    "city": "Berlin",
    "country": "DE",
}
_TIMEOUT = 20


class PageSaid(Exception):
    """The page came back instead of going on. The message is what it says is wrong."""


class Driver:
    """Each method is one person's visit to an address that the API gave."""

    def pay(self, address: str, card: str = GOOD_CARD, **typed: str) -> str:
        """Fill in Checkout, an open invoice or the portal's card. The address it leads to: where
        the purchase ends, or the bank's page, for `authenticate`. Raises PageSaid.
        """
        filled = PAYER | _card(card) | typed
        page = self._look(address)
        answer = self._send(page, filled)
        if answer.moved is None and answer.fields.get("shown") != page.fields.get("shown"):
            # The total depends on what was typed, and who reads it again may agree.
            answer = self._send(answer, filled)
        return _led_to(answer)

    def decline(self, address: str, card: str = "4000000000000002", **typed: str) -> str:
        """What the page says to a card that is no good."""
        try:
            self.pay(address, card, **typed)
        except PageSaid as said:
            return str(said)
        raise AssertionError(f"{card} was taken.")

    def authenticate(self, address: str, passes: bool = True) -> str:
        """Answer the bank. Where it leads: on, or back to the page that was left."""
        outcome = "complete" if passes else "fail"
        answer = _exchange("POST", address, {"outcome": outcome})
        if answer.moved is None:
            raise PageSaid(answer.text)
        return answer.moved

    def cancel(self, address: str) -> str:
        """The link that leads away without paying."""
        link = self._look(address).links.get("back")
        if link is None:
            raise PageSaid("There is no way back.")
        return link

    def submit(self, address: str, **typed: str) -> str:
        """Fill in any form, with nothing but this, and send it. Where it leads. Raises PageSaid."""
        return _led_to(self._send(self._look(address), typed))

    def press(self, address: str, button: str, value: str = "yes", **typed: str) -> str:
        """The page that comes of one of the other buttons of its form."""
        page = self._look(address)
        return _exchange("POST", address, page.fields | typed | {button: value}).text

    def post(self, address: str, **form: str) -> str:
        """Press a button that stands alone. The page it leads to."""
        answer = _exchange("POST", address, form)
        return self.look(answer.moved) if answer.moved else answer.text

    def look(self, address: str) -> str:
        """The page as it is sent."""
        return self._look(address).text

    def _look(self, address: str) -> "_Answer":
        return _exchange("GET", address)

    def _send(self, page: "_Answer", typed: dict[str, str]) -> "_Answer":
        asked = {name: typed.get(name, value) for name, value in page.fields.items()}
        return _exchange("POST", page.address, asked)


def _led_to(answer: "_Answer") -> str:
    if answer.moved is None:
        raise PageSaid(answer.complaint or answer.text)
    return answer.moved


def _card(number: str) -> dict[str, str]:
    return {"number": number, "expiry": "12 / 39", "cvc": "123"}


class _Answer(HTMLParser):
    """`fields` has what the form asks for, `moved` where a redirect leads."""

    def __init__(self, address: str, status: int, moved: str | None, text: str) -> None:
        super().__init__()
        self.address, self.status, self.moved, self.text = address, status, moved, text
        self.fields: dict[str, str] = {}
        self.links: dict[str, str] = {}
        self.complaint = ""
        self._select = ""
        self._in_complaint = False
        self.feed(text)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in pairs}
        if tag == "input" and "name" in given:
            self.fields[given["name"]] = given.get("value", "")
        elif tag == "select":
            self._select = given.get("name", "")
            self.fields[self._select] = ""
        elif tag == "option" and "selected" in given:
            self.fields[self._select] = given.get("value", "")
        elif tag == "a":
            self.links[given.get("class", "")] = given.get("href", "")
        self._in_complaint = given.get("role") == "alert"

    def handle_data(self, data: str) -> None:
        if self._in_complaint:
            self.complaint = f"{self.complaint} {data}".strip()

    def handle_endtag(self, _tag: str) -> None:
        self._in_complaint = False


def _exchange(method: str, address: str, form: dict[str, str] | None = None) -> _Answer:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=_TIMEOUT)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    try:
        connection.request(method, target, urlencode(form) if form else None, headers)
        answer = connection.getresponse()
        text, moved = answer.read().decode("utf-8", "replace"), answer.getheader("Location")
    finally:
        connection.close()
    there = urljoin(address, moved) if moved else None
    return _Answer(address, answer.status, there, text)
