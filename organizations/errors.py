"""Everything organizations can refuse."""

from core.errors import Conflict, DomainError, Forbidden, NeedsPlan, TooOften


class KeyTaken(Conflict):
    code = "key-taken"
    message = "This key is taken. Choose another one."
    field = "key"


class KeyChangedOften(TooOften):
    code = "key-changed-often"
    message = "This key was changed five times in 30 days. Take an earlier one back, or wait."
    field = "key"


class RecoveryChangedOften(TooOften):
    code = "recovery-changed-often"
    message = "The recovery contact was changed ten times today. Change it again tomorrow."
    field = "recovery_email"


class KeyMalformed(DomainError):
    code = "key-malformed"
    message = "This key can't be used."
    field = "key"


class AvatarUnusable(DomainError):
    code = "avatar-unusable"
    message = "This picture can't be used."
    field = "avatar"


class OrganizationGone(Conflict):
    code = "organization-gone"
    message = (
        "This organization was deleted in the meantime. Its owners can bring it back within seven "
        "days, from the page that lists their organizations."
    )


class NobodyLetIn(Conflict):
    """Said to strangers of what waits to be deleted: they learn no more than that it is here."""

    code = "nobody-let-in"
    message = "Nobody can be let into this organization just now. Try again in a week."


class DeletionFinal(Conflict):
    code = "deletion-final"
    message = "The seven days are over, and this organization can't be brought back any more."


class OwnersOnly(Forbidden):
    code = "owners-only"
    message = "Only an owner of this organization may do that. Ask one of its owners."


class MayNotCreateProjects(Forbidden):
    code = "may-not-create-projects"
    message = (
        "You may look at this organization, but not create projects in it. "
        "An owner can let you, on the page Members."
    )


class MayNotRunAnalyses(Forbidden):
    code = "may-not-run-analyses"
    message = (
        "You may look at this organization, but not run analyses in it. "
        "An owner can let you, on the page Members."
    )


class LastOwner(Conflict):
    code = "last-owner"
    message = (
        "An organization always has an owner, and this is the last one. "
        "Make somebody else an owner first."
    )


class MemberGone(Conflict):
    code = "member-gone"
    message = "This person left the organization in the meantime."


class AlreadyMember(Conflict):
    code = "already-a-member"
    message = "This person is a member already."
    field = "email"


class MemberLimitReached(NeedsPlan):
    """`limit` and `used` are people; `used` includes those who are invited, where they count."""

    code = "member-limit-reached"
    message = (
        "The plan has no room for another member, counting those who are invited. An owner can "
        "choose a larger plan, take back an invitation, or remove somebody."
    )


class AlreadyInvited(Conflict):
    code = "already-invited"
    message = "This address has an open invitation. Send that one again, or take it back first."
    field = "email"


class TooManyInvitations(TooOften):
    code = "too-many-invitations"
    message = "This organization has sent many invitations within an hour. Send more later."


class InvitationOver(Conflict):
    code = "invitation-over"
    message = "This invitation can't be used any more. Ask whoever invited you for another one."


class InvitedByAnotherAddress(Forbidden):
    code = "invited-by-another-address"
    message = (
        "This invitation is for another e-mail address. "
        "Sign in with the account of that address, and confirm the address if you have not yet."
    )


class AlreadyAsked(Conflict):
    code = "already-asked"
    message = "You have asked already. An owner decides."


class AskedTooSoon(TooOften):
    code = "asked-too-soon"
    message = "You were declined not long ago. Ask again later."


class TooManyRequests(TooOften):
    code = "too-many-join-requests"
    message = "You wait for three answers already. Withdraw a request, or wait for an owner."


class AskedOften(TooOften):
    code = "asked-often"
    message = "You have asked many times today. Ask again tomorrow."


class RequestDecided(Conflict):
    code = "join-request-decided"
    message = "This request was decided or withdrawn in the meantime."
