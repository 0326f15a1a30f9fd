"""What each answer of Azure DevOps means, row by row, and which row goes first."""

import json
from urllib.parse import quote

import httpx2
import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from bindings.providers.azure_answers import (
    ANONYMOUS,
    Forbidden,
    NotVisible,
    UnknownAnswer,
    raise_for,
    read,
    retry_after,
    verdict_of,
)
from bindings.providers.base import NoAnswer, Refused, Verdict

SOMEBODY = "1c2b3a4d-0000-4000-8000-00000000cafe"
USER_DATA = {"X-VSS-UserData": f"{SOMEBODY}:robot@contoso.com"}
BASIC = {"WWW-Authenticate": 'Basic realm="https://tfsprodweu1.visualstudio.com/"'}
EXPIRED = "Access Denied: The Personal Access Token used has expired."
GLOBAL = (
    "The organization's security policy prohibits access by global Personal Access Token (PAT) "
    "unless you are on an allowlist."
)
STOPPED = "TF24668: The following team project collection is stopped: Contoso."
THROTTLED = "TF400733: The request has been canceled: Request was blocked due to usage."
GUARDED = "VS403463: The conditional access policy defined by your administrator has failed."
TERMS = "TF401444: Please sign-in at least once as tenant\\robot in a web browser."
NO_PERMISSION = "TF401027: You need the Git 'GenericContribute' permission to do this."
NOT_AUTHORIZED = "TF400813: The user '{}' is not authorized to access this resource."
PAGE = "<html><head><title>Azure DevOps Services | Sign In</title></head></html>"


def said(status, message="", *, mark="", **headers):
    """A refusal in JSON, the way most come; `mark` is a byte order mark."""
    body = f"{mark}{json.dumps({'message': message, 'typeKey': 'SomeException'})}".encode()
    head = {"Content-Type": "application/json; charset=utf-8", **headers}
    return httpx2.Response(status, headers=head, content=body)


def page(status, text=PAGE, **headers):
    return httpx2.Response(status, headers={"Content-Type": "text/html", **headers}, text=text)


def bare(status, error="", **headers):
    """No body; `error` is in the header, percent-encoded as they do it."""
    head = {"X-TFS-ServiceError": quote(error)} if error else {}
    return httpx2.Response(status, headers={**head, **headers})


def nobody(name):
    return NOT_AUTHORIZED.format(name)


# What is answered to a request that needs no scope: connectionData
SCOPE_FREE = {
    "healthy": (said(200), None),
    "healthy, but slow down": (said(200, **{"Retry-After": "30"}), None),
    "phrases in a healthy answer": (said(200, f"{EXPIRED} {THROTTLED}"), None),
    "unknown token": (said(401, nobody(ANONYMOUS)), "token_not_recognized"),
    "unknown token, with a mark": (
        said(401, nobody(ANONYMOUS), mark="\ufeff"),
        "token_not_recognized",
    ),
    "nobody": (said(401, nobody("")), "token_not_recognized"),
    "no user at all": (
        said(401, "TF400813: Resource not available for anonymous access."),
        "token_not_recognized",
    ),
    "a page instead of an answer": (page(401), "token_not_recognized"),
    "sign-in page": (page(203), "token_not_recognized"),
    "sign-in page that claims to be JSON": (said(203), "token_not_recognized"),
    "sent to sign in": (bare(302, Location="https://login.example"), "token_not_recognized"),
    "sign-in page as a success": (page(200), "token_not_recognized"),
    "success of no type": (httpx2.Response(200, content=b"{}"), "token_not_recognized"),
    "revoked": (bare(401, **BASIC), "token_revoked_or_expired"),
    "expired, in the header": (bare(401, EXPIRED, **BASIC), "token_expired"),
    "expired, in JSON": (said(401, EXPIRED), "token_expired"),
    "expired, in JSON with a mark": (said(401, EXPIRED, mark="\ufeff"), "token_expired"),
    "expired, on a page": (page(401, f"<title>{EXPIRED}</title>"), "token_expired"),
    "expired, forbidden": (said(403, EXPIRED), "token_expired"),
    "global, in the header": (page(401, **{"X-TFS-ServiceError": quote(GLOBAL)}), "blocked"),
    "global, on a page": (page(401, f"<title>{GLOBAL}</title>"), "blocked"),
    "conditional access": (said(403, GUARDED), "conditional_access"),
    "conditional access for a bearer": (said(401, GUARDED), "conditional_access"),
    "not a member": (said(401, nobody("Robot"), **USER_DATA), "not_a_member"),
    "not a member, by name alone": (said(401, nobody(SOMEBODY)), "not_a_member"),
    "not a member, by header alone": (said(401, nobody(""), **USER_DATA), "not_a_member"),
    "never signed in there": (said(401, TERMS), "not_a_member"),
    "no such organization": (page(404, "The resource cannot be found."), "organization_not_found"),
    "stopped": (said(503, STOPPED, mark="\ufeff"), "organization_stopped"),
    "stopped, in the header": (bare(503, STOPPED), "organization_stopped"),
    "throttled": (said(429, THROTTLED, **{"Retry-After": "30"}), "throttled"),
    "throttled without a word": (bare(429), "throttled"),
    "outage": (page(503, "Services Unavailable"), "unavailable"),
    "gateway": (page(502), "unavailable"),
    "gateway too slow": (bare(504), "unavailable"),
    "crash": (said(500, "An error occurred."), "unavailable"),
    "request too slow": (bare(408), "unavailable"),
}

# The same elsewhere, where the probe that needs no scope has yet to be asked
ELSEWHERE = {
    "healthy": (said(200), None),
    "missing scope, revoked or expired": (bare(401, **BASIC), "missing_scope"),
    "unknown token": (said(401, nobody(ANONYMOUS)), "token_not_recognized"),
    "expired": (bare(401, EXPIRED), "token_expired"),
    "not a member": (said(401, nobody("Robot"), **USER_DATA), "not_a_member"),
    "absent or not readable": (said(404, "TF401019: The Git repository", **USER_DATA), None),
    "lacks a permission": (said(403, NO_PERMISSION, **USER_DATA), None),
    "bad request": (said(400, "VS402872: Bad request."), None),
    "throttled": (bare(429), "throttled"),
    "outage": (page(503), "unavailable"),
}

# Two rules apply: the first one has to win
CONFLICTS = {
    "stopped before outage": (page(503, STOPPED), "organization_stopped"),
    "stopped only when unavailable": (said(500, STOPPED), "unavailable"),
    "throttled before outage": (said(503, THROTTLED), "throttled"),
    "throttled before expired": (said(429, EXPIRED), "throttled"),
    "throttled before forbidden": (said(403, THROTTLED), "throttled"),
    "outage before expired": (said(503, EXPIRED), "unavailable"),
    "outage before unknown token": (said(500, nobody(ANONYMOUS)), "unavailable"),
    "outage before conditional access": (said(502, GUARDED), "unavailable"),
    "outage, to be retried later": (page(503, **{"Retry-After": "30"}), "unavailable"),
    "expired before not a member": (said(401, EXPIRED, **USER_DATA), "token_expired"),
    "expired before unknown": (said(401, f"{nobody(ANONYMOUS)} {EXPIRED}"), "token_expired"),
    "global before not a member": (said(401, f"{nobody('Robot')} {GLOBAL}"), "blocked"),
    "guarded before unknown": (said(401, nobody(ANONYMOUS) + GUARDED), "conditional_access"),
    "signed in as nobody": (said(401, nobody(ANONYMOUS), **USER_DATA), "not_a_member"),
    "expired is not said by a page that succeeds": (page(200, EXPIRED), "token_not_recognized"),
    "a header alone is not an empty answer": (bare(401, "TF30063"), "token_not_recognized"),
}


def verdict_on(response, *, scope_free=True):
    return verdict_of(read(response, scope_free=scope_free))


def rows(table):
    shorts = {"blocked": "token_blocked_by_policy"}
    return [
        pytest.param(response, shorts.get(verdict, verdict), id=name)
        for name, (response, verdict) in table.items()
    ]


@pytest.mark.parametrize(("response", "verdict"), rows(SCOPE_FREE))
def test_answer_to_a_request_that_needs_no_scope(response, verdict):
    assert verdict_on(response) == verdict


@pytest.mark.parametrize(("response", "verdict"), rows(ELSEWHERE))
def test_answer_to_a_request_that_needs_one(response, verdict):
    assert verdict_on(response, scope_free=False) == verdict


@pytest.mark.parametrize(("response", "verdict"), rows(CONFLICTS))
def test_which_rule_goes_first(response, verdict):
    assert verdict_on(response) == verdict_on(response, scope_free=False) == verdict


@pytest.mark.parametrize("status", [429, 408, 500, 502, 503, 504])
def test_what_judges_nobody_is_no_refusal_and_names_its_pause(status):
    response = page(status, **{"Retry-After": "17", "X-VSS-E2EID": SOMEBODY})

    with pytest.raises(NoAnswer) as silence:
        raise_for(response)

    assert silence.value.verdict == verdict_on(response)
    assert (silence.value.retry_after, silence.value.activity_id) == (17, SOMEBODY)


@pytest.mark.parametrize("response", [bare(401), said(403, EXPIRED), bare(503, STOPPED)])
def test_a_refusal_names_the_request_for_their_support(response):
    response.headers["X-VSS-E2EID"] = SOMEBODY

    with pytest.raises(Refused) as refusal:
        raise_for(response)

    assert refusal.value.verdict == verdict_on(response, scope_free=False)
    assert refusal.value.activity_id == SOMEBODY


def test_an_answer_that_refuses_nothing_raises_nothing():
    assert raise_for(said(200), scope_free=True) is None


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (said(404, "TF401019"), NotVisible),
        (said(403, NO_PERMISSION), Forbidden),
        (said(400, "VS402872: Bad request."), UnknownAnswer),
    ],
)
def test_what_is_in_no_table_says_nothing_about_the_token(response, kind):
    with pytest.raises(kind) as silence:
        raise_for(response)

    assert silence.value.verdict == Verdict.UNREADABLE_ANSWER


# How long to wait, in seconds or until a date; never less than nothing, nor for ever
NOW = "2026-11-25 07:27:00+00:00"
PAUSES = [
    ({"Retry-After": "30"}, 30),
    ({"Retry-After": "0.5"}, 0.5),
    ({"Retry-After": "-5"}, 0),
    ({"Retry-After": "86400"}, 900),
    ({"Retry-After": "1e300"}, 900),
    ({"Retry-After": "Wed, 25 Nov 2026 07:28:00 GMT"}, 60),
    ({"Retry-After": "Wed, 25 Nov 2026 07:26:00 GMT"}, 0),
    ({"Retry-After": "Thu, 25 Nov 2027 07:28:00 GMT"}, 900),
    ({"Retry-After": "inf"}, None),
    ({"Retry-After": "nan"}, None),
    ({"Retry-After": "soon"}, None),
    # For how long they have delayed this answer, which is over when it is here
    ({"X-RateLimit-Delay": "2.5"}, None),
    ({}, None),
]


@pytest.mark.parametrize(("headers", "seconds"), PAUSES)
@pytest.mark.parametrize("status", [200, 429, 503])
@time_machine.travel(NOW, tick=False)
def test_the_pause_that_is_asked_for(headers, seconds, status):
    assert retry_after(httpx2.Response(status, headers=headers)) == seconds


@settings(deadline=None)
@given(st.integers(500, 599), st.text(), st.binary(), st.booleans())
def test_an_outage_never_says_anything_about_the_token(status, error, body, scope_free):
    response = httpx2.Response(
        status, headers={"X-TFS-ServiceError": quote(error), **USER_DATA}, content=body
    )

    verdict = verdict_on(response, scope_free=scope_free)

    assert verdict in (Verdict.UNAVAILABLE, Verdict.THROTTLED, Verdict.ORGANIZATION_STOPPED)
