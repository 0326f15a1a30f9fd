"""What histories of claims keep beside the product: the platform's part, and what was seen."""

from dataclasses import dataclass, field
from datetime import timedelta

from tests.bindings.wire import PROJECT, REFUSALS, Wire, as_json

ADMINISTRATOR, MEMBER, UNKNOWN, STRANGER = "administrator", "member", "unknown", "stranger"
FOREIGN = "11111111-1111-4111-8111-111111111111"
FRESH = timedelta(days=14)


class Platform(Wire):
    """As recorded, and whatever this token's owner is there."""

    def __init__(self, external_id):
        super().__init__(external_id)
        self.bound, self.role, self.description = external_id, ADMINISTRATOR, ""

    def play(self, role):
        self.role = role
        self.external_id = FOREIGN if role == STRANGER else self.bound

    def answer(self, request):
        path = request.url.path
        if self.silence or self.refusal:
            return super().answer(request)
        if "/_apis/permissions/" in path:
            answers = {ADMINISTRATOR: True, MEMBER: False, STRANGER: True}
            known = self.role in answers
            return as_json({"value": [answers[self.role]]}) if known else REFUSALS["revoked"]
        if path.endswith("/projects"):
            return as_json({"value": [{**PROJECT, "description": self.description}]})
        return super().answer(request)


@dataclass
class Known:
    """What we saw happen to a claim, whatever the product says of it."""

    opened_at: object
    shown: dict = field(default_factory=dict)
    denied: dict = field(default_factory=dict)
    unanswered: set = field(default_factory=set)
    approvers: set = field(default_factory=set)
    owners_then: set = field(default_factory=set)

    def shows(self, kind, now):
        at, contrary = self.shown.get(kind), self.denied.get(kind)
        return at is not None and now - at < FRESH and (contrary is None or contrary < at)
