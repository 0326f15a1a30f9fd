"""What support sees of an organization in this room: who it is, its people, what happened."""

from accounts.models import Notification, User
from core.panels import Panel, list_of, table_of, to_the_minute
from organizations.models import AuditEvent, Organization
from organizations.owners import owners_of

# Of each kind, the latest.
SHOWN = 20


def identity(organization: Organization) -> Panel:
    due = organization.deletion_due_at
    facts = [
        ("Name", organization.name),
        ("Key", organization.key),
        ("Id", str(organization.pk)),
        ("Created", to_the_minute(organization.created_at)),
        ("Description", organization.description or "–"),
        ("Home page", organization.url or "–"),
        ("Recovery e-mail", organization.recovery_email or "–"),
    ]
    return Panel("Identity", facts + [("Will be deleted", to_the_minute(due))] * bool(due))


def people(organization: Organization) -> Panel:
    owners = owners_of(organization.pk)
    joined = organization.memberships
    facts = [("Members", f"{joined.count():,}"), ("Owners", f"{owners.count():,}")]
    rows = owners.order_by("memberships__joined_at", "email")[:SHOWN]
    columns = ["Owner", "name", "last sign-in", "may sign in"]
    return Panel("People", facts, [table_of("Owners", columns, rows, _owner)])


def told(organization: Organization) -> Panel:
    """What its owners were told about it: that leads to one of its pages."""
    pages = f"/organizations/{organization.key}/"
    to_them = Notification.objects.filter(user__in=owners_of(organization.pk))
    here = to_them.filter(action_path__startswith=pages)
    rows = here.select_related("user").order_by("-created_at", "-id")[:SHOWN]
    columns = ["What", "to", "told", "read", "mailed"]
    place = list_of(Notification)
    table = table_of("Notifications", columns, rows, _notice, place=place)
    return Panel("Lately told to owners", tables=[table])


def record(organization: Organization) -> Panel:
    rows = organization.audit_events.order_by("-at", "-id")[:SHOWN]
    place = list_of(AuditEvent, f"?q={organization.key}")
    columns = ["What", "when", "who", "how", "details"]
    table = table_of("Audit events", columns, rows, _event, place=place)
    return Panel("On the record", tables=[table])


def _owner(user: User) -> list[str]:
    may = "yes" if user.is_active else "no"
    return [user.email, user.get_full_name() or "–", to_the_minute(user.last_login), may]


def _notice(notice: Notification) -> list[str]:
    if notice.mailed_at:
        mailed = to_the_minute(notice.mailed_at)
    elif notice.mail_due_at:
        mailed = (
            f"not yet: tried {notice.mail_attempts} times, next {to_the_minute(notice.mail_due_at)}"
        )
    else:
        mailed = "no, and will not be"
    told_at, read_at = to_the_minute(notice.created_at), to_the_minute(notice.read_at)
    return [notice.title, notice.user.email, told_at, read_at, mailed]


def _event(event: AuditEvent) -> list[str]:
    facts = "; ".join(f"{label}: {value}" for label, value in event.facts)
    return [event.title, to_the_minute(event.at), event.who, event.how, facts or "–"]
