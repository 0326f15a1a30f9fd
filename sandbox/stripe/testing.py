"""Stripe for tests: what it has, what goes wrong with it, and what it sends."""

from collections.abc import Iterable
from typing import Any

from . import cards
from .billing.clock import after_next_renewal
from .billing.cycling import settings_of
from .billing.discounts import give_customer
from .billing.returning import close_dispute, dispute
from .contract import Endpoint
from .desk import Desk, LoggedCall
from .driving import Driver
from .faults import StripeFault
from .resources.tax_ids import verify_tax_ids
from .shapes import misfits, misfits_in_answer
from .signing import body_of, signature
from .webhooks import Delivery, Switches
from .world import Object, shown


class RunningStripe(Driver):
    """`url` is for STRIPE_API_URL. `world` has what it keeps; hold its lock to change it. As a
    Driver it also goes to the pages: `pay(session.url, card="…")`.
    """

    def __init__(self, desk: Desk, url: str) -> None:
        self.desk = desk
        self.world = desk.world
        self.url = url
        self._answers: list[tuple[Endpoint, Object]] = []
        self._given: set[str] = set()
        desk.answered.append(lambda endpoint, answer: self._answers.append((endpoint, answer)))

    def reset(self) -> None:
        self.desk.reset()
        self._answers.clear()
        self._given.clear()

    def all(self, kind: str, **values: Any) -> list[Object]:
        """`all("customer", email="…")`: copies, the oldest first."""
        with self.world.lock:
            return [shown(each) for each in self.world.all(kind, **values)]

    def get(self, kind: str, identifier: str) -> Object:
        with self.world.lock:
            found: Object = shown(self.world.get(kind, identifier))
            return found

    def events(self, *kinds: str) -> list[Object]:
        """All that happened, or what is of these kinds; the oldest first."""
        return [each for each in self.all("event") if not kinds or each["type"] in kinds]

    # The clock

    def advance(self, *, days: float = 0, seconds: int = 0) -> None:
        """Move its clock ahead, through everything that falls due until then."""
        self.desk.move_clock(self.world.now() + int(days * 24 * 3600) + seconds)

    def to_next_renewal(self) -> None:
        """To just after the next invoice of a subscription is charged."""
        self.desk.move_clock(after_next_renewal(self.world))

    # The wire

    @property
    def requests(self) -> list[LoggedCall]:
        """What was asked, the oldest first."""
        return list(self.desk.log)

    def fail_next(
        self, fault: StripeFault, times: int = 1, *, method: str = "", url: str = ""
    ) -> None:
        """Let so many requests fail, perhaps only those to an address: `url="/v1/customers"`."""
        self.desk.faults.wish(fault, times, method=method, url=url)

    def have_patience(self, seconds: float) -> None:
        """How long a timeout keeps its asker waiting."""
        self.desk.faults.patience = seconds

    @property
    def misfits(self) -> list[str]:
        """Where anything that was answered or happened is not as Stripe's library has it."""
        found = [each for answer in self._answers for each in misfits_in_answer(*answer)]
        for event in self.all("event"):
            for thing in (event, event["data"]["object"]):
                found += [f"{event['type']}: {each}" for each in misfits(thing)]
        return found

    # Webhooks, posted by the test itself

    def new_events(self, *kinds: str) -> list[Object]:
        """Those of these kinds that no call has given before; the oldest first."""
        fresh = [each for each in self.events(*kinds) if each["id"] not in self._given]
        self._given.update(each["id"] for each in fresh)
        return fresh

    def signed(self, event: Object, secret: str, at: int | None = None) -> tuple[bytes, str]:
        """A body and its `Stripe-Signature`, as of now or of another time."""
        body = body_of(event)
        return body, signature(body, [secret], at)

    def deliver_to(
        self, client: Any, secret: str, path: str, events: Iterable[Object] | None = None
    ) -> list[int]:
        """Post these events, or the new ones, with a Django test client. The statuses."""
        statuses = []
        for event in self.new_events() if events is None else events:
            body, header = self.signed(event, secret)
            answer = client.post(
                path,
                body,
                content_type="application/json",
                headers={"Stripe-Signature": header},
            )
            statuses.append(answer.status_code)
        return statuses

    # Webhooks, delivered over HTTP

    def register_webhook(self, url: str, *secrets: str) -> Object:
        """From now on all events are sent there, signed with each of the secrets."""
        return self.desk.register_webhook(url, list(secrets))

    @property
    def switches(self) -> Switches:
        """What happens to events on their way; to be set at will."""
        return self.desk.webhooks.switches

    @property
    def deliveries(self) -> list[Delivery]:
        return list(self.desk.webhooks.deliveries)

    def release(self, order: str = "kept") -> None:
        """Send what is on hold: `kept`, `reversed` or `shuffled`."""
        self.desk.webhooks.release(order)

    def deliver_all(self) -> None:
        """Come back when nothing is on its way any more; retries come without their pauses."""
        self.desk.webhooks.deliver_all()

    # What others do there

    def give_up_with(self, choice: str) -> None:
        """After the last failed attempt: `cancel`, which it does by itself, or `unpaid`."""
        with self.world.lock:
            settings_of(self.world)["after_retries"] = choice

    def behave(self, payment_method: str, behaviour: str) -> None:
        """From now on that card `pays`, is `declined`, `expired` or `asks`…"""
        with self.world.lock:
            cards.behave(self.world.get("payment_method", payment_method), behaviour)

    def replace_card(self, payment_method: str) -> None:
        """Its bank sends a new one, and the network tells Stripe."""
        with self.world.lock:
            cards.replace(self.world, self.world.get("payment_method", payment_method))

    def give_discount(self, customer: str, coupon: str) -> None:
        """On all that the customer pays, as in the dashboard."""
        with self.world.lock:
            give_customer(self.world, self.world.get("customer", customer), coupon)

    def dispute(self, charge: str) -> Object:
        """The cardholder's bank takes it back."""
        with self.world.lock:
            made: Object = shown(dispute(self.world, self.world.get("charge", charge)))
            return made

    def close_dispute(self, identifier: str, outcome: str = "lost") -> None:
        with self.world.lock:
            close_dispute(self.world, self.world.get("dispute", identifier), outcome)

    def answer_for_tax_ids(self) -> None:
        """The authorities verify what waits for it."""
        with self.world.lock:
            verify_tax_ids(self.world)
