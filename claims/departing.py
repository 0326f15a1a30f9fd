"""What becomes of claims when their person deletes the account. They stay on record, nameless."""

from django.db.models import Value
from django.db.models.functions import Replace
from django.utils import timezone

from accounts.deleting import Obstacle, Step
from accounts.kinds import Kind
from accounts.models import Notification, User
from claims.models import AccessClaim, ClaimLetter
from claims.operations import withdraw_claim

NOBODY = "deleted@example.invalid"  # a domain that nobody can have


def hold(user: User) -> None:
    """Whoever approves one just now is waited for: it makes an owner."""
    open_ = AccessClaim.objects.open().filter(user=user).order_by("pk")
    list(open_.select_for_update().values_list("pk", flat=True))


def obstacles(user: User) -> list[Obstacle]:
    return []


def end(user: User) -> None:
    for claim in AccessClaim.objects.open().filter(user=user).defer("secret"):
        withdraw_claim(claim, by=user)
    _forget_address(user)


def _forget_address(user: User) -> None:
    """That owners and contacts were told stays, and so does what they were told; of whom, does not.
    No letter that waits goes to an address that is nobody's.
    """
    claims = AccessClaim.objects.filter(user=user)
    nameless = {"title": _without("title", user), "text": _without("text", user)}
    letters = ClaimLetter.objects.filter(claim__in=claims)
    letters.update(**nameless)
    mine = letters.filter(to_claimant=True)
    mine.filter(mailed_at=None, given_up_at=None).update(given_up_at=timezone.now())
    mine.update(to=NOBODY)
    told = Notification.objects.filter(kind__in=[Kind.CLAIM_OPENED, Kind.CLAIM_DECIDED])
    told.filter(subject__in=[str(pk) for pk in claims.values_list("pk", flat=True)]).update(
        **nameless
    )


def _without(column: str, user: User) -> Replace:
    return Replace(column, Value(user.email), Value("somebody whose account is deleted"))


STEP = Step(hold=hold, obstacles=obstacles, end=end)
