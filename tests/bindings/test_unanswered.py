"""A look that has no answer to one of its questions: what was known of that stands."""

import httpx2
import pytest

from bindings import sweeping

STAKEHOLDER = {
    "code": "access_level",
    "outcome": "fail",
    "message": "The account has Stakeholder access.",
    "remedy": "Give it Basic access.",
}


@pytest.fixture
def unanswered(monkeypatch):
    """`unanswered("POST", "/refs")`: only these requests are answered by a 503 page, or by what
    is given. Returns those that were made.
    """
    ask = httpx2.HTTPTransport.handle_request

    def fall_silent(method, part, *, status=503, **headers):
        made = []

        def handle(transport, request):
            if request.method != method or part not in request.url.path:
                return ask(transport, request)
            made.append(request.url.path)
            return httpx2.Response(status, headers=headers, content=b"Unavailable", request=request)

        monkeypatch.setattr(httpx2.HTTPTransport, "handle_request", handle)
        return made

    return fall_silent


@pytest.mark.parametrize("everything", [False, True])
def test_a_licence_that_was_not_answered_is_still_known(bound, current, unanswered, everything):
    binding = bound(checks=[STAKEHOLDER], wants_everything=everything)
    made = unanswered("GET", "/userentitlements/")

    sweeping.sweep(seconds=20)

    assert made
    assert STAKEHOLDER in current(binding).checks
