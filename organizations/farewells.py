"""What people are told about the end of their organization, in whole sentences."""

from django.db.models import QuerySet
from django.urls import reverse

from accounts.kinds import Kind, Severity
from accounts.models import User
from accounts.notifications import Notice, notify, withdraw
from organizations.models import Organization
from organizations.owners import active_owners_of, owners_of

BACK = "Its tokens are wiped already and don't come back; everything else does."


def of_deletion(organization: Organization, *, by: User) -> None:
    """Everybody hears of it, whoever asked; owners with the way back."""
    title = f"{organization.name} is being deleted"
    _tell_owners(
        organization,
        "asked",
        severity=Severity.WARNING,
        title=title,
        text=f"Bring it back by {_when(organization)} if it is to stay: after that it is gone. "
        f"{by.email} asked for it. Until then nobody gets in. {BACK}",
    )
    owners = owners_of(organization.pk)
    members = User.objects.filter(memberships__organization=organization, is_active=True)
    _tell(
        members.exclude(pk__in=owners.values("pk")),
        organization,
        "asked",
        severity=Severity.WARNING,
        title=title,
        text=f"Ask its owners if you need it: they can bring it back by {_when(organization)}. "
        f"{by.email} asked for it. From now on nobody gets in.",
    )


def of_last_day(organization: Organization) -> None:
    _tell_owners(
        organization,
        "last-day",
        severity=Severity.DANGER,
        title=f"{organization.name} is deleted within a day",
        text=f"Bring it back by {_when(organization)} if it is to stay: after that it is gone, and "
        f"its key and its organization in Azure DevOps are free for anybody. {BACK}",
    )


def over(organization: Organization) -> None:
    """It is back, or gone: there is nothing to bring back any more."""
    withdraw(Kind.ORGANIZATION_DELETION, str(organization.pk))


def _tell_owners(organization: Organization, step: str, **words: str) -> None:
    action = {
        "action_label": "Bring it back",
        "action_path": reverse("organizations:restore", args=[organization.key]),
    }
    people = active_owners_of(organization.pk)
    _tell(people, organization, step, **action, **words)


def _tell(people: QuerySet[User], organization: Organization, step: str, **words: str) -> None:
    notice = Notice(
        kind=Kind.ORGANIZATION_DELETION,
        subject=str(organization.pk),
        # A second deletion has another time.
        threshold=f"{step}@{organization.deletion_due_at:%Y-%m-%dT%H:%M:%S}",
        **words,  # type: ignore[arg-type]
    )
    notify(people, notice)


def _when(organization: Organization) -> str:
    return f"{organization.deletion_due_at:%A %-d %B %Y, %H:%M} UTC"
