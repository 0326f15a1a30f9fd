"""What support sees of an organization in this room: the import that made it."""

from core.panels import Panel, list_of, table_of, to_the_minute
from onboarding.models import Import
from organizations.models import Organization

SHOWN = 10


def imports(organization: Organization) -> Panel:
    made = organization.imports.select_related("user").defer("secret", "checks", "repositories")
    columns = ["Of", "by", "state", "verdict", "started", "last touched"]
    rows = made.order_by("-started_at")[:SHOWN]
    place = list_of(Import, f"?q={organization.key}")
    return Panel("Imports", tables=[table_of("Imports", columns, rows, _import, place=place)])


def _import(import_: Import) -> list[str]:
    return [
        import_.external_name,
        import_.user.email,
        import_.get_state_display(),
        import_.verdict or "–",
        to_the_minute(import_.started_at),
        to_the_minute(import_.touched_at),
    ]
