"""How we behave towards Azure DevOps, seen from its side."""

import time

import pytest

from bindings.platforms import open_azure
from bindings.providers import pacing
from bindings.providers.base import Access, NoAnswer, Refused, Verdict
from bindings.verification import examine


def ignore(check):
    pass


@pytest.fixture
def opened(sandbox):
    def open_(label="healthy", organization="contoso"):
        return open_azure(organization, sandbox.token(label))

    return open_


def asked(sandbox):
    return [(request.method, request.path.lower(), request.status) for request in sandbox.requests]


def test_a_healthy_token_is_verified_with_seven_requests(opened, sandbox):
    provider = opened()
    examine(provider, provider.connect(), on_check=ignore)

    assert len(list(sandbox.requests)) == 7


def test_at_most_three_requests_at_once(opened, sandbox):
    sandbox.set_latency(0.05)

    provider = opened("thousand", "thousand")
    examine(provider, provider.connect(), on_check=ignore)

    assert sandbox.max_concurrency("thousand") <= pacing.CONCURRENT_REQUESTS


def test_a_missing_scope_is_named_only_after_the_scope_free_probe(opened, sandbox):
    provider = opened("no-useful-scope")
    with pytest.raises(Refused) as refusal:
        provider.inventory()

    assert refusal.value.verdict == Verdict.MISSING_SCOPE
    assert asked(sandbox)[-1] == ("GET", "/contoso/_apis/connectiondata", 200)


def test_a_token_that_dies_between_two_requests_is_not_called_short_of_scope(opened, sandbox):
    provider = opened("revoked")
    with pytest.raises(Refused) as refusal:
        provider.inventory()

    assert refusal.value.verdict == Verdict.TOKEN_REVOKED_OR_EXPIRED


def test_the_write_probe_changes_nothing(opened, sandbox):
    provider = opened()
    repositories = provider.inventory().repositories
    url = f"/contoso/{repositories[0].project_id}/_apis/git/repositories"
    before = provider._http.get(f"{sandbox.url}{url}/{repositories[0].external_id}/refs")

    assert provider.can_write(repositories) == Access.GRANTED

    assert before == provider._http.get(f"{sandbox.url}{url}/{repositories[0].external_id}/refs")


def test_the_write_probe_is_never_sent_twice(opened, sandbox):
    provider = opened("read-only")
    with pytest.raises(Refused):
        provider.can_write(provider.inventory().repositories)

    assert sum(method == "POST" for method, _, _ in asked(sandbox)) == 1


def test_a_question_is_asked_again_after_an_outage(opened, sandbox):
    sandbox.fail_next("contoso", 2)

    provider = opened()
    connection = provider.connect()

    assert connection.external_id == sandbox.instance_id("contoso")
    assert [status for _, _, status in asked(sandbox)] == [503, 503, 200]


def test_a_refusal_is_never_asked_again(opened, sandbox):
    provider = opened("revoked")
    with pytest.raises(Refused):
        provider.connect()

    assert len(list(sandbox.requests)) == 1


def test_a_long_retry_after_puts_everything_off(opened, sandbox):
    provider = opened("busy", "busy")
    with pytest.raises(NoAnswer) as silence:
        provider.connect()

    assert silence.value.verdict == Verdict.THROTTLED
    assert silence.value.retry_after


def test_retry_after_is_honoured_on_a_success(opened, sandbox):
    provider = opened("slowlane", "slowlane")
    provider.connect()
    before = time.monotonic()
    provider.connect()

    assert time.monotonic() - before > 0.9


def test_every_page_of_projects_is_read(opened, sandbox):
    provider = opened("thousand", "thousand")
    inventory = provider.inventory()

    assert inventory.project_count == 120
    assert len(inventory.repositories) == 1000


def test_repositories_come_project_by_project_where_one_answer_is_too_much(opened, sandbox):
    provider = opened("heavy-cargo", "heavy-cargo")
    with pytest.raises(NoAnswer) as silence:
        provider.inventory()

    assert silence.value.verdict == Verdict.UNREADABLE_ANSWER


def test_disabled_and_empty_repositories_do_not_stop_the_rest(opened):
    provider = opened()
    found = provider.inventory().repositories

    assert any(repository.is_disabled for repository in found)
    assert any(repository.is_empty for repository in found)
    assert any(repository.is_public for repository in found)


def test_odd_names_survive(opened):
    provider = opened("oddly-named", "oddly-named")
    inventory = provider.inventory()
    names = " ".join(f"{r.project_name} {r.name}" for r in inventory.repositories)

    assert "<script" in names
    assert provider.can_write(inventory.repositories) == Access.GRANTED


def test_the_token_is_in_no_error_and_no_representation(opened, sandbox):
    token = sandbox.token("revoked")

    provider = opened("revoked")
    with pytest.raises(Refused) as refusal:
        provider.connect()

    assert token not in repr(provider.__dict__) + repr(refusal.value) + str(refusal.value)


def test_one_repository_is_found_by_names_and_by_ids(opened, sandbox):
    provider = opened()
    project, repository = sandbox.repository("contoso", "tide-gauge")

    by_names = provider.repository(project.name.upper(), "TIDE-GAUGE")

    assert by_names == provider.repository(project.id, repository.id)
    assert (by_names.external_id, by_names.project_id) == (repository.id, project.id)
    assert by_names.is_public == (project.visibility == "public")
    assert by_names.default_branch and by_names.web_url


@pytest.mark.parametrize("name", ["../../_apis/projects", "a b/c?d#e", "%2e%2e", "ü"])
def test_a_name_can_not_lead_elsewhere(opened, sandbox, name):
    with pytest.raises(NoAnswer):
        opened().repository(name, name)

    assert all("/_apis/git/repositories/" in path for _, path, _ in asked(sandbox))


def test_a_text_is_found_in_the_description_of_a_project(opened, sandbox):
    sandbox.describe_project("contoso", "Quayside", "Berths. mooring-0123456789abcdef")

    provider = opened()

    assert provider.project_described_with("mooring-0123456789abcdef") == "Quayside"
    assert provider.project_described_with("mooring-fedcba9876543210") == ""
