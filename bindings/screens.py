"""What support sees of an organization in this room: its binding, tokens and verifications."""

from bindings.models import DevOpsBinding, PersonalAccessToken, Verification
from core.panels import Panel, list_of, page_of, table_of, to_the_minute
from organizations.models import Organization

SHOWN = 10


def binding(organization: Organization) -> Panel:
    bound = DevOpsBinding.objects.filter(organization=organization).first()
    if bound is None:
        return Panel("Binding", [("Bound to", "nothing")])
    tokens = bound.tokens.defer("secret", "checks", "proven").order_by("slot")
    asked = bound.verifications.defer("checks").order_by("-at")[:SHOWN]
    seen = bound.repositories.filter(vanished_at=None).count()
    facts = [
        ("Bound to", f"{bound.external_name} ({bound.get_platform_display()})"),
        ("Its id there", bound.external_id),
        ("Since", to_the_minute(bound.created_at)),
        ("Repositories", f"{seen:,}, as of {to_the_minute(bound.listed_at)}"),
    ]
    by_key = f"?q={organization.key}"
    tables = [
        table_of(
            "Tokens",
            ["Which", "verdict", "since", "last well", "expires", "of"],
            tokens,
            _token,
            place=list_of(PersonalAccessToken, by_key),
        ),
        table_of(
            "Verifications",
            ["Answer", "when", "of", "why", "activity id"],
            asked,
            _verification,
            place=list_of(Verification, by_key),
        ),
    ]
    return Panel("Binding", facts, tables, place=page_of(bound))


def _token(token: PersonalAccessToken) -> list[str]:
    unreadable = "our copy can't be read" if token.unreadable_since else ""
    source = token.get_expiry_source_display()
    expires = f"{token.expires_on:%Y-%m-%d}, {source}" if token.expires_on else source
    return [
        f"{token.get_slot_display()} …{token.last_four}",
        unreadable or token.get_verdict_display() or "not asked yet",
        to_the_minute(token.verdict_since),
        to_the_minute(token.healthy_at),
        expires,
        token.owner_name or "–",
    ]


def _verification(asked: Verification) -> list[str]:
    answer = asked.get_verdict_display() + (", in doubt" if asked.is_doubted else "")
    of, why = asked.get_slot_display(), asked.get_reason_display()
    return [answer, to_the_minute(asked.at), of, why, asked.activity_id or "–"]
