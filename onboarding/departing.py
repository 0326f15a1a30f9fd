"""What becomes of imports when their person deletes the account."""

from django.urls import reverse

from accounts.deleting import Obstacle, Step
from accounts.models import User
from onboarding import wiping
from onboarding.models import Import


def hold(user: User) -> None:
    """Whoever creates one of them just now is waited for: it makes an owner."""
    open_ = Import.objects.unfinished().filter(user=user).order_by("pk")
    list(open_.select_for_update().values_list("pk", flat=True))


def obstacles(user: User) -> list[Obstacle]:
    """Each that is paid, or may be at this moment."""
    held = Import.objects.filter(user=user, is_reserved=True).defer("secret", "repositories")
    return [_obstacle(import_) for import_ in held.order_by("started_at")]


def _obstacle(import_: Import) -> Obstacle:
    name = import_.name or import_.external_name
    way = (f"Import of {name}", reverse("onboarding:import", args=[import_.pk]))
    if import_.given_back_at:
        return Obstacle(f"What you paid for {name} is being given back. Wait until it is.", (way,))
    if import_.paid_at:
        return Obstacle(f"You have paid for {name}, and it is not created. Finish it.", (way,))
    return Obstacle(f"A checkout for {name} is open. Pay there, or stop the import.", (way,))


def end(user: User) -> None:
    """They lose their tokens and what was counted; no obstacle means that none is paid."""
    open_ = Import.objects.wipeable().filter(user=user)
    for pk in list(open_.values_list("pk", flat=True)):
        wiping.expire(Import.objects.filter(pk=pk), by=user)


STEP = Step(hold=hold, obstacles=obstacles, end=end)
