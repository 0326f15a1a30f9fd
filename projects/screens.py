"""What support sees of an organization in this room: its projects, and lines in use."""

from core.panels import Panel, list_of, to_the_minute
from organizations.models import Organization
from projects.models import Project
from projects.usage import counting_in, usage_of


def code(organization: Organization) -> Panel:
    counting, in_use = counting_in(organization.pk), usage_of(organization.pk)
    facts = [
        ("Lines in use", f"{in_use.loc:,}, of {in_use.summed:,} private projects with a count"),
        ("Projects", f"{counting.projects:,}, of which {counting.public:,} are public"),
        ("Somebody waits for", f"the count of {counting.waiting:,}"),
        ("Last counted", to_the_minute(counting.counted_at)),
    ]
    return Panel("Code", facts, place=list_of(Project, f"?q={organization.key}"))
