"""From a request to its answer: the key, what goes wrong, the contract, and who knows."""

import traceback
from collections.abc import Callable
from functools import partial

from . import resources
from .asking import Answer, Asked
from .billing.clock import catch_up
from .calls import Call, handler_of
from .checking import checked
from .contract import Endpoint, endpoint
from .desk import Desk
from .errors import StripeError
from .expanding import expanded
from .keys import check_key
from .world import Object, shown

resources.load()


def answer_to(desk: Desk, asked: Asked) -> Answer:
    try:
        answer = _answer(desk, asked)
    except StripeError as error:
        answer = _refusal(error)
    except Exception:  # a mistake of the sandbox, which must not look like the asker's
        traceback.print_exc()
        answer = _refusal(StripeError("A mistake of the sandbox.", status=500, kind="api_error"))
    desk.record(asked, answer)
    return answer


def _answer(desk: Desk, asked: Asked) -> Answer:
    check_key(asked.authorization, asked.method)
    ask = _understood(desk, asked)
    return desk.faults.around(
        asked,
        lambda: desk.memory.once(asked, ask),
        broken=lambda error: desk.memory.once(asked, lambda: _refusal(error)),
    )


def _understood(desk: Desk, asked: Asked) -> Callable[[], Answer]:
    """What to do. Raises for what Stripe doesn't know or take, which no key remembers."""
    found = handler_of(asked.method, asked.url)
    known = endpoint(asked.method, found[1]) if found else None
    if found is None or known is None:
        raise StripeError(
            f"Unrecognized request URL ({asked.method}: {asked.url}). Please see "
            "https://stripe.com/docs or we can help at https://support.stripe.com/.",
            status=404,
        )
    handler, _, path = found
    params = checked(known, asked.params)
    paths = params.pop("expand", [])
    call = Call(desk.world, params, path, asked.url, asked.site)
    do = partial(_performed, desk, asked, known)
    return lambda: do(lambda: expanded(desk.world, handler(call), paths))


def _performed(desk: Desk, asked: Asked, known: Endpoint, do: Callable[[], Object]) -> Answer:
    world = desk.world
    with world.lock:
        world.site = asked.site
        catch_up(world)
        world.request = {"id": asked.id, "idempotency_key": asked.idempotency_key}
        try:
            said = shown(do())
        except StripeError as error:
            return _refusal(error)
        finally:
            world.request = {"id": None, "idempotency_key": None}
    for hear in desk.answered:
        hear(known, said)
    return Answer(200, said)


def _refusal(error: StripeError) -> Answer:
    said = dict(error.error)
    if code := said.get("code"):
        address = str(code).replace("_", "-")
        said.setdefault("doc_url", f"https://stripe.com/docs/error-codes/{address}")
    return Answer(error.status, {"error": said})
