"""What becomes of claims when their person deletes the account. They stay on record, nameless."""

from accounts.deleting import Obstacle, Step
from accounts.models import User
from claims.models import AccessClaim
from claims.operations import withdraw_claim


def hold(user: User) -> None:
    """Whoever approves one just now is waited for: it makes an owner."""
    open_ = AccessClaim.objects.open().filter(user=user).order_by("pk")
    list(open_.select_for_update().values_list("pk", flat=True))


def obstacles(user: User) -> list[Obstacle]:
    return []


def end(user: User) -> None:
    for claim in AccessClaim.objects.open().filter(user=user).defer("secret"):
        withdraw_claim(claim, by=user)


STEP = Step(hold=hold, obstacles=obstacles, end=end)
