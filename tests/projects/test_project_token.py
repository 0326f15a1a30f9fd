"""A token of a project's own: tried at the platform first, sealed, removed, never shown."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bindings.inventory import store_repositories
from bindings.models import Repository
from core.secrets import SecretUnreadable, fingerprint
from organizations.errors import OwnersOnly
from organizations.models import AuditEvent
from projects.models import Project
from projects.own_tokens import OwnToken, set_token
from tests.factories import BindingFactory, OrganizationFactory, ProjectFactory, RepositoryFactory
from tests.projects.conftest import PLACE
from tests.tokens import make_token

NEW = f"{PLACE}new/"
TOKEN = f"{PLACE}gauge/token/"


@pytest.fixture
def binding(sandbox, alice, bob):
    """To contoso, as the sandbox has it."""
    organization = OrganizationFactory(key="harbour", owner=alice, member=bob)
    return BindingFactory(organization=organization, external_id=sandbox.instance_id("contoso"))


def names(sandbox, repository="tide-gauge"):
    project, _ = sandbox.repository("contoso", repository)
    return {"name": "Gauge", "platform_project": project.name, "repository": repository}


@pytest.fixture
def gauge(binding, sandbox):
    """A project of a repository that has commits there."""
    project, found = sandbox.repository("contoso", "tide-gauge")
    repository = RepositoryFactory(
        binding=binding,
        external_id=found.id,
        name=found.name,
        project_id=project.id,
        project_name=project.name,
    )
    return ProjectFactory(
        organization=binding.organization, repository=repository, key="gauge", name="Gauge"
    )


def test_a_repository_that_only_its_token_sees_becomes_a_project(
    browser_of, alice, binding, sandbox
):
    secret = sandbox.token("healthy")

    answer = browser_of(alice).post(NEW, names(sandbox) | {"token": secret})

    assert answer["Location"] == f"{PLACE}gauge/"
    project = Project.objects.get()
    _, there = sandbox.repository("contoso", "tide-gauge")
    assert project.repository.external_id == there.id
    assert project.repository.binding == binding
    assert project.secret.reveal(project) == secret
    assert (project.last_four, project.fingerprint) == (secret[-4:], fingerprint(secret))
    assert len(sandbox.requests) == 3
    page = browser_of(alice).get(answer["Location"]).text
    assert f"…{secret[-4:]}" in page and "Can be read" in page
    assert "does not see this repository any more" not in page


def test_a_repository_that_is_known_is_tied_by_its_id(browser_of, alice, gauge, sandbox):
    gauge.delete()
    typed = names(sandbox) | {"platform_project": names(sandbox)["platform_project"].upper()}

    browser_of(alice).post(NEW, typed | {"token": sandbox.token("healthy")})

    assert Project.objects.get().repository == gauge.repository
    assert Repository.objects.get().vanished_at is None


def test_who_is_an_owner_no_more_when_the_platform_has_answered_sets_none(gauge, sandbox, bob):
    token = OwnToken(sandbox.token("healthy"))

    with pytest.raises(OwnersOnly):
        set_token(gauge, token, by=bob)

    gauge.refresh_from_db()
    assert not gauge.has_own_token


def test_a_sweep_of_the_organizations_token_takes_nothing_from_it(
    browser_of, alice, bob, binding, sandbox
):
    browser_of(alice).post(NEW, names(sandbox) | {"token": sandbox.token("healthy")})

    store_repositories(binding, [])

    project = Project.objects.get()
    assert not project.is_vanished
    assert "Can be read" in browser_of(bob).get(f"{PLACE}gauge/").text


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("read-only", ""),
        ("revoked", "This token no longer works in this organization."),
        ("expired-json", "This token has expired."),
        ("no-code-scope", "it may not do what is needed"),
        ("no-useful-scope", "it may not do what is needed"),
        ("not-a-member", "not as a member of this organization"),
        ("other-organization", "This token no longer works in this organization."),
        ("sees-nothing", "it sees no such repository"),
    ],
)
def test_a_token_is_tried_first_and_a_refusal_is_told_in_words(
    browser_of, alice, binding, sandbox, label, words
):
    secret = sandbox.token(label)

    page = browser_of(alice).post(NEW, names(sandbox, "crane-control") | {"token": secret})

    assert page.status_code == (422 if words else 302)
    assert words in page.text
    assert secret not in page.text
    assert Project.objects.exists() == (not words)


@pytest.mark.parametrize("place", ["outage", "garbled", "busy", "cut-cable"])
def test_silence_judges_nobody(browser_of, alice, binding, sandbox, place):
    binding.external_name = place
    binding.save()

    page = browser_of(alice).post(NEW, names(sandbox) | {"token": sandbox.token(place)})

    assert page.status_code == 422
    assert "Your token has not been judged." in page.text
    assert not Project.objects.exists()


def test_a_token_that_reads_another_organization_of_that_name_is_refused(
    browser_of, alice, binding, sandbox
):
    sandbox.reuse_name("contoso")

    page = browser_of(alice).post(NEW, names_of_nothing() | {"token": sandbox.token("healthy")})

    assert "now belongs to another Azure DevOps organization" in page.text
    assert not Project.objects.exists()


def names_of_nothing():
    return {"name": "Gauge", "platform_project": "Quay", "repository": "gauge"}


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"token": "hunter2"}, "a token has 84"),
        ({"token_expires_on": "2020-01-01"}, "This date has passed."),
        ({"repository": "", "platform_project": ""}, "Say which one it reads"),
        ({"key": "taken"}, "has this key"),
    ],
)
def test_what_is_wrong_with_a_paste_is_told_without_asking(
    browser_of, alice, binding, sandbox, typed, words
):
    ProjectFactory(organization=binding.organization, key="taken")
    sandbox.requests.clear()

    page = browser_of(alice).post(NEW, names_of_nothing() | {"token": make_token()} | typed)

    assert page.status_code == 422
    assert words in page.text
    assert len(sandbox.requests) == 0


def test_a_disabled_repository_can_be_tied_although_nobody_reads_it(
    browser_of, alice, binding, sandbox
):
    sandbox.disable_repository("contoso", "tide-gauge")

    browser_of(alice).post(NEW, names(sandbox) | {"token": sandbox.token("healthy")})

    assert Project.objects.get().repository.is_disabled


def test_an_empty_repository_can_be_tied(browser_of, alice, binding, sandbox):
    project, _ = sandbox.repository("contoso", "tide-gauge")
    sandbox.add_repository("contoso", project.name, "fresh")

    browser_of(alice).post(NEW, names(sandbox, "fresh") | {"token": sandbox.token("healthy")})

    assert Project.objects.get().repository.is_empty


def test_a_token_is_set_replaced_and_removed(browser_of, alice, gauge, sandbox):
    browser = browser_of(alice)
    first, second = sandbox.issue_token("contoso"), sandbox.issue_token("contoso")

    answers = [browser.post(TOKEN, {"token": secret}) for secret in (first, second)]
    gauge.refresh_from_db()
    assert gauge.secret.reveal(gauge) == second
    page = browser.get(f"{PLACE}gauge/").text
    removed = browser.post(f"{TOKEN}remove/", follow=True)

    assert [answer.status_code for answer in answers] == [302, 302]
    assert f"…{second[-4:]}" in page and "Replace this token" in page
    gauge.refresh_from_db()
    assert (gauge.secret, gauge.last_four, gauge.fingerprint) == (None, "", "")
    assert "The project&#x27;s own token is wiped" in removed.text
    assert first not in page and second not in page
    told = AuditEvent.objects.filter(action__startswith="project.token")
    assert [event.action for event in told.order_by("pk")] == [
        "project.token_set",
        "project.token_set",
        "project.token_removed",
    ]


def test_removing_it_twice_is_recorded_once(browser_of, alice, gauge, sandbox):
    browser = browser_of(alice)
    browser.post(TOKEN, {"token": sandbox.token("healthy")})

    for _ in range(2):
        browser.post(f"{TOKEN}remove/")

    assert AuditEvent.objects.filter(action="project.token_removed").count() == 1


def test_a_refused_token_leaves_the_one_that_is_there(browser_of, alice, gauge, sandbox):
    browser, secret = browser_of(alice), sandbox.token("healthy")
    browser.post(TOKEN, {"token": secret})

    page = browser.post(TOKEN, {"token": sandbox.token("revoked")})

    assert page.status_code == 422
    gauge.refresh_from_db()
    assert gauge.secret.reveal(gauge) == secret


def test_its_last_day_is_what_was_said_or_what_the_token_allows(browser_of, alice, gauge, sandbox):
    browser = browser_of(alice)
    soon = timezone.now().date() + timedelta(days=30)

    browser.post(TOKEN, {"token": sandbox.issue_token("contoso"), "token_expires_on": str(soon)})

    gauge.refresh_from_db()
    assert gauge.token_expires_on == soon


def test_a_project_without_a_repository_takes_no_token(browser_of, alice, binding, sandbox):
    ProjectFactory(organization=binding.organization, key="gauge")

    page = browser_of(alice).post(TOKEN, {"token": sandbox.token("healthy")})

    assert page.status_code == 422
    assert Project.objects.get().secret is None


def test_a_token_moved_to_another_project_is_not_read(browser_of, alice, gauge, sandbox):
    browser_of(alice).post(TOKEN, {"token": sandbox.token("healthy")})
    other = RepositoryFactory(binding=gauge.repository.binding)

    Project.objects.update(repository=other)

    moved = Project.objects.get()
    with pytest.raises(SecretUnreadable):
        moved.secret.reveal(moved)


def test_tokens_can_not_be_sorted_here(browser_of, alice, gauge, sandbox):
    browser, secret = browser_of(alice), sandbox.token("revoked")
    for _ in range(60):
        browser.post(TOKEN, {"token": secret})
    sandbox.requests.clear()

    page = browser.post(TOKEN, {"token": secret})

    assert "checked very often" in page.text
    assert len(sandbox.requests) == 0


@pytest.mark.parametrize("name", ["..", "."])
def test_a_name_that_leads_elsewhere_is_not_asked_for(browser_of, alice, binding, sandbox, name):
    sandbox.requests.clear()
    typed = {"name": "Gauge", "platform_project": name, "repository": name}

    page = browser_of(alice).post(NEW, typed | {"token": sandbox.token("healthy")})

    assert "it sees no such repository" in page.text
    assert len(sandbox.requests) == 0


def test_a_program_is_told_that_it_is_there_as_long_as_its_token_reads_it(
    browser_of, program_of, alice, binding, sandbox
):
    browser_of(alice).post(NEW, names(sandbox) | {"token": sandbox.token("healthy")})
    program, address = program_of(alice), "/api/v1/organizations/harbour/projects/gauge"

    with_token = program.get(address).json()
    browser_of(alice).post(f"{TOKEN}remove/")
    without = program.get(address).json()

    assert with_token["repository"]["vanished_at"] is None
    assert without["repository"]["vanished_at"] is not None


def test_a_token_that_has_ended_is_said_so(browser_of, bob, gauge):
    yesterday = timezone.now().date() - timedelta(days=1)
    gauge.secret, gauge.last_four, gauge.fingerprint = make_token(), "wxyz", "0123456789abcdef"
    gauge.token_expires_on = yesterday
    gauge.save()

    page = browser_of(bob).get(f"{PLACE}gauge/").text

    assert "own token has ended" in page
