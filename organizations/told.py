"""What people are told about coming in, in whole sentences."""

from django.urls import reverse

from accounts.addresses import people_with
from accounts.kinds import Kind, Severity
from accounts.notifications import Notice, notify, withdraw
from organizations.models import Invitation, JoinRequest, Role
from organizations.owners import active_owners_of

NOUNS = {Role.OWNER: "an owner", Role.MEMBER: "a member"}


def of_invitation(invitation: Invitation) -> None:
    """Whoever has the address hears of it here, too; once for each time that it is sent."""
    inviter = invitation.invited_by.display_name if invitation.invited_by else "Somebody"
    name, noun = invitation.organization.name, NOUNS[Role(invitation.role)]
    withdraw(Kind.INVITED, str(invitation.pk))
    notice = Notice(
        kind=Kind.INVITED,
        subject=str(invitation.pk),
        threshold=str(invitation.sending),
        severity=Severity.INFO,
        title=f"{inviter} invites you to {name}",
        text=f"Accept by {invitation.expires_at:%A %-d %B %Y, %H:%M} UTC to become {noun}.",
        action_label="See the invitation",
        action_path=reverse("people:invited", args=[invitation.pk]),
    )
    notify(people_with(invitation.email), notice)


def of_invitation_over(invitation: Invitation) -> None:
    withdraw(Kind.INVITED, str(invitation.pk))


def of_request(request: JoinRequest) -> None:
    """Every owner may decide."""
    organization, user = request.organization, request.user
    said = f"\n\nTheir note: “{request.note}”" if request.note else ""
    notice = Notice(
        kind=Kind.JOIN_REQUESTED,
        subject=str(request.pk),
        severity=Severity.INFO,
        title=f"{user.email} asks to join {organization.name}",
        text=f"An owner decides, under Members. {user.display_name} has pasted a token that opens "
        f"the organization in Azure DevOps which this one is bound to.{said}",
        action_label="See the request",
        action_path=reverse("organizations:members", args=[organization.key]),
    )
    notify(active_owners_of(organization.pk), notice)


def of_request_over(request: JoinRequest) -> None:
    withdraw(Kind.JOIN_REQUESTED, str(request.pk))


def of_approval(request: JoinRequest) -> None:
    organization = request.organization
    _answer(
        request,
        severity=Severity.GOOD,
        title=f"You are a member of {organization.name}",
        text=f"An owner approved your request to join {_known_as(request)}.",
        action_label="Open it",
        action_path=reverse("organizations:detail", args=[organization.key]),
    )


def of_decline(request: JoinRequest) -> None:
    """Says no more than the person knew: neither what it is called here nor who decided."""
    _answer(
        request,
        severity=Severity.INFO,
        title=f"Your request to join {_known_as(request)} was declined",
        text="Its owners decided not to let you in. You may ask again after seven days.",
    )


def _answer(request: JoinRequest, **content: str) -> None:
    of_request_over(request)
    notice = Notice(kind=Kind.JOIN_DECIDED, subject=str(request.pk), **content)  # type: ignore[arg-type]
    notify([request.user], notice)


def _known_as(request: JoinRequest) -> str:
    return request.known_as or "an organization"
