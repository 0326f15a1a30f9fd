"""What every button of the desk does around its own deed."""

from collections.abc import Callable

from flask import redirect
from werkzeug.wrappers import Response as AnyResponse

from sandbox.stripe.errors import StripeError
from sandbox.stripe.world import StripeWorld

from .showing import said


def acted(world: StripeWorld, act: Callable[[], object], to: str) -> AnyResponse:
    """Do it and go there, or say why it can't be done."""
    with world.lock:
        try:
            act()
        except StripeError as error:
            return said("That can't be done", str(error), 422, address=to, label="Go back")
    return redirect(to, 303)
