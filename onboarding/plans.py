"""The plans as the import shows them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PlanCard:
    value: str
    title: str
    price: str
    period: str
    text: str
    features: tuple[str, ...]
    coming: bool


PLANS = (
    PlanCard(
        "free",
        "Free",
        "0 €",
        "for ever",
        "To bring your organization in and look around.",
        ("Every repository listed", "Ten checks of your token", "The REST API"),
        coming=False,
    ),
    PlanCard(
        "team",
        "Team",
        "By lines of code",
        "",
        "For private projects of a team.",
        ("Private projects", "An estimate before you buy", "Month or year"),
        coming=True,
    ),
    PlanCard(
        "enterprise",
        "Enterprise",
        "On request",
        "",
        "For many teams and large estates.",
        ("Everything in Team", "Larger tiers", "Priority support"),
        coming=True,
    ),
)
