"""What owners are told about the end of their organization, in whole sentences."""

from django.urls import reverse

from accounts.kinds import Kind, Severity
from accounts.models import User
from accounts.notifications import Notice, notify, withdraw
from organizations.models import Group, Organization

BACK = "Its tokens are wiped already and don't come back; everything else does."


def of_deletion(organization: Organization, *, by: User) -> None:
    """Every owner hears of it, whoever asked."""
    _tell(
        organization,
        "asked",
        severity=Severity.WARNING,
        title=f"{organization.name} is being deleted",
        text=f"Bring it back by {_when(organization)} if it is to stay: after that it is gone. "
        f"{by.email} asked for it. Until then nobody gets in. {BACK}",
    )


def of_last_day(organization: Organization) -> None:
    _tell(
        organization,
        "last-day",
        severity=Severity.DANGER,
        title=f"{organization.name} is deleted within a day",
        text=f"Bring it back by {_when(organization)} if it is to stay: after that it is gone, and "
        f"its key and its organization in Azure DevOps are free for anybody. {BACK}",
    )


def of_undone(organization: Organization) -> None:
    withdraw(Kind.ORGANIZATION_DELETION, str(organization.pk))


def of_the_end(organization: Organization) -> None:
    """There is nothing to bring back any more."""
    withdraw(Kind.ORGANIZATION_DELETION, str(organization.pk))


def owners_of(organization: Organization) -> list[User]:
    groups = Group.objects.filter(organization=organization, kind=Group.Kind.OWNERS)
    members = groups.values("members__user")
    return list(User.objects.filter(pk__in=members, is_active=True))


def _tell(organization: Organization, step: str, **words: str) -> None:
    notice = Notice(
        kind=Kind.ORGANIZATION_DELETION,
        subject=str(organization.pk),
        # A second deletion has another time.
        threshold=f"{step}@{organization.deletion_due_at:%Y-%m-%dT%H:%M:%S}",
        action_label="Bring it back",
        action_path=reverse("organizations:restore", args=[organization.key]),
        **words,  # type: ignore[arg-type]
    )
    notify(owners_of(organization), notice)


def _when(organization: Organization) -> str:
    return f"{organization.deletion_due_at:%A %-d %B %Y, %H:%M} UTC"
