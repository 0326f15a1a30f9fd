"""What billing holds about a person: what they asked for, and no amount of an organization's."""

from accounts.personal import Part

PARTS = [
    Part("quotes asked for", "billing.Quote", "made_by", ("id", "made_at")),
    Part("changes of plans asked for", "billing.Operation", "by", ("id", "kind", "asked_at")),
]
