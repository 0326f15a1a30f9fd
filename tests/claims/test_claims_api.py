"""`claims` in the API."""

import pytest

from claims.deciding import approve_claim
from claims.models import AccessClaim
from tests.claims.conftest import STATEMENT
from tests.factories import ClaimFactory

CLAIMS = "/api/v1/claims"
ASKED = {"organization": "contoso", "statement": STATEMENT}


@pytest.fixture
def program(program_of, charlie):
    program = program_of(charlie, scopes=["claims"])

    def post(address, body=None, **headers):
        return program.post(address, body or {}, content_type="application/json", headers=headers)

    program.send = post
    return program


def test_a_claim_is_made_and_read(program, harbour):
    answer = program.send(CLAIMS, ASKED)

    assert answer.status_code == 201
    claim = answer.json()
    assert (claim["state"], claim["external_name"]) == ("gathering", "contoso")
    assert (claim["organization"], claim["evidence"]) == (None, [])
    assert claim["words"].startswith("mooring-")
    assert program.get(f"{CLAIMS}/{claim['id']}").json() == claim
    assert program.get(CLAIMS).json()["results"] == [claim]
    assert "hidden-key" not in answer.text and "alice" not in answer.text


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (ASKED | {"organization": "atlantis"}, 422, "not-here"),
        (ASKED | {"organization": "con toso"}, 422, "organization-malformed"),
        ({"organization": "contoso"}, 422, "invalid"),
        (ASKED | {"statement": " "}, 422, "invalid"),
    ],
)
def test_a_refusal_has_a_code(program, harbour, body, status, code):
    answer = program.send(CLAIMS, body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not AccessClaim.objects.exists()


def test_a_second_open_one_is_a_conflict(program, harbour):
    program.send(CLAIMS, ASKED)

    answer = program.send(CLAIMS, ASKED)

    assert (answer.status_code, answer.json()["code"]) == (409, "claim-open-already")


def test_repeated_with_its_key_it_is_one_claim(program, harbour):
    first, again = (program.send(CLAIMS, ASKED, **{"Idempotency-Key": "one"}) for _ in range(2))

    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"


def test_a_token_is_brought_and_what_it_shows_is_read(program, claim, sandbox, committed):
    address = f"{CLAIMS}/{claim.pk}"

    with committed():
        body = {"kind": "token", "token": sandbox.token("healthy")}
        accepted = program.send(f"{address}/evidence", body)

    assert accepted.status_code == 202 and accepted.json()["is_looking"]
    read = program.get(address).json()
    assert (read["state"], read["is_looking"]) == ("waiting", False)
    [found] = read["evidence"]
    assert (found["kind"], found["outcome"], found["weight"]) == (
        "token_administrator",
        "administrator",
        "strong",
    )


def test_the_words_are_looked_for(program, claim, sandbox, committed):
    with committed():
        assert program.send(f"{CLAIMS}/{claim.pk}/evidence", {"kind": "nonce"}).status_code == 202

    [found] = program.get(f"{CLAIMS}/{claim.pk}").json()["evidence"]
    assert (found["outcome"], found["weight"]) == ("not_placed", "none")


def test_evidence_by_token_needs_one(program, claim):
    answer = program.send(f"{CLAIMS}/{claim.pk}/evidence", {"kind": "token"})

    assert (answer.status_code, answer.json()["code"]) == (422, "token-malformed")


def test_a_claim_is_withdrawn_once(program, claim):
    address = f"{CLAIMS}/{claim.pk}/withdraw"

    assert program.send(address).json()["state"] == "withdrawn"
    again = program.send(address)

    assert (again.status_code, again.json()["code"]) == (409, "claim-over")


def test_the_key_is_told_with_the_approval(program, reviewed, dora, erik):
    for staff in (dora, erik):
        assert program.get(f"{CLAIMS}/{reviewed.pk}").json()["organization"] is None
        approve_claim(reviewed, reason="It is clear.", by=staff)

    assert program.get(f"{CLAIMS}/{reviewed.pk}").json()["organization"] == "hidden-key"


def test_claims_come_in_pages_and_only_ones_own(program, charlie, bob):
    past = {"state": "withdrawn", "decided_at": "2027-01-01T00:00Z"}
    mine = [ClaimFactory(user=charlie, **past) for _ in range(3)]
    other = ClaimFactory(user=bob)

    first = program.get(f"{CLAIMS}?page_size=2").json()
    second = program.get(first["next"]).json()

    found = [each["id"] for each in first["results"] + second["results"]]
    assert found == [str(each.pk) for each in reversed(mine)]
    assert program.get(f"{CLAIMS}/{other.pk}").status_code == 404
