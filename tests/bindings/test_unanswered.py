"""A look that has no answer to one of its questions: what was known of that stands."""

from datetime import timedelta

import httpx2
import pytest
import time_machine
from django.utils import timezone

from accounts.models import Notification
from bindings import sweeping
from bindings.models import PersonalAccessToken, Verification
from tests.bindings.conftest import add_token

STAKEHOLDER = {
    "code": "access_level",
    "outcome": "fail",
    "message": "The account has Stakeholder access.",
    "remedy": "Give it Basic access.",
}
MAY_NOT_WRITE = {"code": "code_write", "outcome": "fail", "message": "Its scope.", "remedy": "…"}
KNOWN = {"verdict": "missing_scope", "checks": [MAY_NOT_WRITE]}
AN_HOUR_AGO = timezone.now() - timedelta(hours=1)
DOUBTED = {
    "suspect": "missing_scope",
    "suspect_since": AN_HOUR_AGO,
    "checks": [MAY_NOT_WRITE],
}


def sweep_after(**time):
    """What a worker finds so much later."""
    with time_machine.travel(timezone.now() + timedelta(**time)):
        return sweeping.sweep(seconds=20)


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


def test_whether_writing_is_refused_is_asked_again_and_nothing_else(bound, sandbox, current):
    # After this turn, it would be that of the licence.
    binding = bound(token=sandbox.token("read-only"), questions=7)

    sweeping.sweep(seconds=20)
    assert current(binding).suspect == "missing_scope"
    sweep_after(minutes=6)
    assert current(binding).verdict == "missing_scope"
    PersonalAccessToken.objects.update(questions=8)
    sweep_after(hours=3)

    assert current(binding).verdict == "missing_scope"
    assert list(Notification.objects.values_list("kind", flat=True).distinct()) == ["token_failing"]


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize(("status", "heard"), [(503, "unavailable"), (429, "throttled")])
@pytest.mark.parametrize("known", [KNOWN, DOUBTED], ids=["known", "doubted"])
def test_silence_about_writing_neither_clears_nor_confirms(
    bound, current, unanswered, everything, status, heard, known
):
    binding = bound(wants_everything=everything, **known)
    before = current(binding)
    made = unanswered("POST", "/refs", status=status, **{"Retry-After": "600"})

    sweeping.sweep(seconds=20)

    token = current(binding)
    assert made
    assert (token.verdict, token.suspect) == (before.verdict, before.suspect)
    # What is asked at the same moment may already be held back for as long as was named.
    assert Verification.objects.get(binding=binding).verdict in {heard, "throttled"}
    assert timezone.now() + timedelta(minutes=9) < token.next_check_at
    assert token.next_check_at < timezone.now() + timedelta(minutes=11)
    assert not Notification.objects.exists()


def test_silence_about_writing_is_nothing_to_a_token_that_is_well(bound, current, unanswered):
    binding = bound(questions=3)
    made = unanswered("POST", "/refs")

    sweeping.sweep(seconds=20)

    token = current(binding)
    assert made
    assert (token.verdict, token.suspect, token.silent_since) == ("healthy", "", None)
    assert token.next_check_at > timezone.now() + timedelta(hours=19)


@pytest.mark.parametrize("known", [KNOWN, DOUBTED], ids=["known", "doubted"])
def test_what_can_be_tried_on_nothing_is_no_longer_refused_as_the_whole_list_tells(
    bound, current, known
):
    binding = bound("empty-shelf", **known)

    sweeping.sweep(seconds=20)
    sweep_after(minutes=3)

    first, second = Verification.objects.filter(binding=binding).order_by("at")
    assert first.is_silence and not second.is_silence
    token = current(binding)
    assert (token.verdict, token.suspect) == ("healthy", "")


def test_where_the_whole_list_has_a_repository_writing_is_tried_there(bound, sandbox, current):
    binding = bound(token=sandbox.token("read-only"), **KNOWN)
    binding.repositories.all().delete()

    sweeping.sweep(seconds=20)
    sweep_after(minutes=3)

    assert current(binding).verdict == "missing_scope"
    assert not Notification.objects.exists()


@pytest.fixture
def standby(bound, sandbox):
    """`standby(person="reader")`: one of a token in use that meanwhile was proven to write. It
    has been looked at often, and next is the turn of its licence.
    """

    def leave(person="technical", **known):
        later = timezone.now() + timedelta(days=9)
        binding = bound(proven=["code_read", "code_write"], next_check_at=later)
        secret = sandbox.issue_token("contoso", person=person)
        usual = {"questions": 8, "proven": ["code_read"]}
        return add_token(binding, secret, slot="next", is_standby=True, **usual | known)

    return leave


def test_one_that_stands_by_is_asked_for_what_it_was_never_asked(standby):
    token = standby()

    sweeping.sweep(seconds=20)
    token.refresh_from_db()
    assert (token.verdict, token.suspect, token.wants_everything) == ("healthy", "", True)
    assert token.next_check_at < timezone.now() + timedelta(minutes=3)
    sweep_after(minutes=3)

    token.refresh_from_db()
    assert (token.verdict, token.wants_everything) == ("healthy", False)
    assert "code_write" in token.proven
    assert not Notification.objects.exists()


def test_one_that_stands_by_is_not_asked_on_and_on_for_what_is_not_answered(standby, unanswered):
    token = standby(questions=11)
    made = unanswered("POST", "/refs")

    sweeping.sweep(seconds=20)
    sweep_after(minutes=3)

    token.refresh_from_db()
    assert made
    assert (token.verdict, token.suspect, token.wants_everything) == ("healthy", "", False)
    assert token.next_check_at > timezone.now() + timedelta(hours=19)
    assert not Notification.objects.exists()


def test_what_one_that_stands_by_lost_is_believed_only_twice(standby):
    token = standby("reader", questions=11)

    sweeping.sweep(seconds=20)
    token.refresh_from_db()
    assert (token.verdict, token.suspect) == ("healthy", "missing_scope")
    assert token.next_check_at < timezone.now() + timedelta(minutes=6)
    assert not Notification.objects.exists()
    sweep_after(minutes=6)

    token.refresh_from_db()
    assert token.verdict == "missing_scope"
    assert token.next_check_at < timezone.now() + timedelta(hours=2)
    assert "stands by is refused" in Notification.objects.values_list("title", flat=True)[0]


def test_one_that_was_refused_and_can_not_be_tried_is_left_to_a_person(standby, unanswered):
    token = standby(verdict="token_revoked_or_expired", verdict_since=AN_HOUR_AGO)
    unanswered("POST", "/refs")

    sweeping.sweep(seconds=20)
    token.refresh_from_db()
    assert token.verdict == "token_revoked_or_expired"
    sweep_after(minutes=3)

    token.refresh_from_db()
    assert token.has_differences
    assert not Notification.objects.exists()
