"""Many organizations that cost nothing until they are asked for."""

import json
import tracemalloc

import pytest

from sandbox.testing import Flaw
from tests.sandbox.client import ANY_VERSION

WHO = "/{}/_apis/connectionData"
REFS = "/{0.name}/{0.project_id}/_apis/git/repositories/{0.repository_id}/refs"


@pytest.fixture
def fleet(sandbox):
    return list(sandbox.add_fleet(3))


def who(ask, member, token):
    return ask(None, WHO.format(member.name), token=token, headers=ANY_VERSION)


def heads(ask, member):
    return {
        ref["name"]: ref["objectId"]
        for ref in ask(None, REFS.format(member), token=member.token).value
    }


def test_each_is_an_organization_of_its_own(ask, fleet):
    answers = [who(ask, member, member.token) for member in fleet]

    assert [member.name for member in fleet] == ["fleet-000001", "fleet-000002", "fleet-000003"]
    assert [each.json["instanceId"] for each in answers] == [each.instance_id for each in fleet]
    assert len({member.instance_id for member in fleet}) == 3


def test_a_token_works_in_its_own_organization_only(ask, fleet):
    assert who(ask, fleet[0], fleet[1].token).status == 401


@pytest.mark.parametrize("at", [0, 20, 60, 83])
def test_a_token_with_one_wrong_character_is_unknown(ask, fleet, at):
    token = fleet[0].token
    wrong = token[:at] + ("x" if token[at] != "x" else "y") + token[at + 1 :]

    assert who(ask, fleet[0], wrong).status == 401


def test_what_was_not_added_is_not_there(ask, sandbox, fleet):
    assert ask("healthy", WHO.format("fleet-000004")).status == 404
    assert [member.name for member in sandbox.add_fleet(1)] == ["fleet-000004"]
    assert ask(None, WHO.format("fleet-000004"), headers=ANY_VERSION).status == 401


def test_it_has_a_repository_with_a_commit(ask, fleet):
    listed = ask(None, f"/{fleet[0].name}/_apis/git/repositories", token=fleet[0].token).value

    assert [each["id"] for each in listed] == [fleet[0].repository_id]
    assert listed[0]["defaultBranch"] == "refs/heads/main"
    assert heads(ask, fleet[0])["refs/heads/main"]


def test_writing_to_one_changes_no_other(ask, sandbox, fleet):
    first, second, _ = fleet
    before = heads(ask, second)
    update = {
        "name": "refs/heads/side",
        "oldObjectId": "0" * 40,
        "newObjectId": before["refs/heads/main"],
    }

    ask(None, REFS.format(first), token=first.token, method="POST", body=[update])
    sandbox.commit(first.name, first.repository_name, {"new.txt": "New."})

    assert "refs/heads/side" in heads(ask, first)
    assert heads(ask, first)["refs/heads/main"] != before["refs/heads/main"]
    assert heads(ask, second) == before


def test_a_token_can_be_spoiled(ask, sandbox, fleet):
    sandbox.spoil(fleet[0].token, Flaw.REVOKED)

    assert who(ask, fleet[0], fleet[0].token).status == 401
    assert who(ask, fleet[1], fleet[1].token).status == 200


def test_one_can_be_renamed_and_removed(ask, sandbox, fleet):
    first, second, third = fleet
    sandbox.rename(first.name, "flagship")
    sandbox.remove(second.name)
    sandbox.reuse_name(third.name)

    assert who(ask, first, first.token).status == 404
    flagship = ask(None, WHO.format("flagship"), token=first.token, headers=ANY_VERSION)
    assert flagship.json["instanceId"] == first.instance_id
    assert who(ask, second, second.token).status == 404
    assert who(ask, third, third.token).json["instanceId"] != third.instance_id


def test_a_reset_takes_them_away(ask, sandbox, fleet):
    sandbox.reset()

    assert ask("healthy", WHO.format(fleet[0].name)).status == 404


def test_programs_elsewhere_get_them_in_pages(ask):
    made = ask(None, "/_sandbox/fleet", method="POST", body={"count": 5}, headers={})
    pages = [ask(None, f"/_sandbox/fleet?from={at}&count=2", headers={}).json for at in (1, 3, 5)]

    assert made.json == {"added": 5, "count": 5}
    assert [len(page) for page in pages] == [2, 2, 1]
    assert pages[2][0]["name"] == "fleet-000005"
    assert set(pages[0][0]) >= {"instance_id", "token", "project_id", "repository_id"}


@pytest.mark.parametrize("count", [-1, 1_000_000])
def test_a_fleet_has_as_many_as_names_can_tell(ask, count):
    answer = ask(None, "/_sandbox/fleet", method="POST", body={"count": count}, headers={})

    assert answer.status == 400
    assert "999,999" in json.loads(answer.body)["error"]


def test_a_hundred_thousand_take_no_memory(ask, sandbox):
    tracemalloc.start()
    sandbox.add_fleet(100_000)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 100_000
    assert ask(None, WHO.format("fleet-100000"), headers=ANY_VERSION).status == 401
