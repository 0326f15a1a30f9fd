"""A token leaves no trace: not in a log, the database, the broker, an answer or an error."""

import base64
import io
import logging
import traceback
from datetime import timedelta

import pytest
import redis
import time_machine
from django.apps import apps
from django.db import connection
from django.utils import timezone

from accounts.mailing import send_due_mails
from bindings import calendars
from bindings.models import DevOpsBinding
from bindings.providers.azure import AzureDevOps
from claims.tasks import send_letters
from config.celery import app
from onboarding.operations import start_import
from tests.factories import (
    BindingFactory,
    ClaimFactory,
    OrganizationFactory,
    ProjectFactory,
    RepositoryFactory,
    TokenFactory,
)

LABELS = [
    "healthy",
    "healthy-with-entitlements",
    "legacy",
    "revoked",
    "expired-json",
    "no-useful-scope",
    "read-only",
    "not-admin",
    "not-a-member",
    "stakeholder-with-entitlements",
]
# Organizations that break in their own way, each with its own token.
PLACES = ["outage", "garbled", "busy", "cut-cable", "sleeping", "guarded", "htmlish"]


@pytest.fixture
def logged():
    """Everything that is logged at any level, before any redaction."""
    text = io.StringIO()

    class Everything(logging.Handler):
        def emit(self, record):
            text.write(f"{record.__dict__}\n")
            if record.exc_info:
                text.write("".join(traceback.format_exception(*record.exc_info)))

    handler, root = Everything(level=logging.DEBUG), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(before)


def traces_of(token):
    """The token, most of it, and the header it travels in."""
    encoded = base64.b64encode(f":{token}".encode()).decode()
    return [token, token[:-4], token[4:40], encoded, encoded[:40]]


def database_dump():
    rows = []
    with connection.cursor() as cursor:
        for model in apps.get_models():
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            for row in cursor.fetchall():
                rows += [
                    bytes(v).decode("latin-1") if isinstance(v, bytes | memoryview) else str(v)
                    for v in row
                ]
    return "\n".join(rows)


def walk(browser, organization, token):
    """The import as far as it goes; every answer, headers and all."""
    typed = {"organization": organization, "token": token}
    answers = [browser.post("/imports/new/", typed)]
    place = answers[0]["Location"]
    answers += [browser.get(place), browser.get(place, headers={"HX-Request": "true"})]
    answers += [browser.post(f"{place}token/", {"organization": "con toso", "token": token})]
    details = {"name": "Contoso", "key": "contoso", "url": "not an address"}
    answers += [browser.post(f"{place}details/", details)]
    answers += [browser.post(f"{place}details/", details | {"url": ""})]
    answers += [browser.post(f"{place}plan/", {"plan": "free"})]
    answers += [browser.post(f"{place}create/", follow=True)]
    for page in ("", "binding/", "repositories/", "settings/"):
        answers.append(browser.get(f"/organizations/contoso/{page}"))
    return answers


def call(program, organization, token):
    body = {"organization": organization, "token": token}
    first = program.post("/api/v1/imports", body, content_type="application/json")
    wrong = body | {"token": f"{token}="}
    refused = program.post("/api/v1/imports", wrong, content_type="application/json")
    keyed = {"Idempotency-Key": "canary"}
    again = program.post("/api/v1/imports", body, content_type="application/json", headers=keyed)
    return [first, refused, again, program.get(f"/api/v1/imports/{first.json()['id']}")]


def assert_no_trace(token, *sinks):
    for trace in traces_of(token):
        for sink in sinks:
            assert trace not in sink


@pytest.mark.parametrize(
    ("label", "organization"),
    [(label, "contoso") for label in LABELS] + [(place, place) for place in PLACES],
)
def test_no_trace_on_any_path(
    browser_of, program_of, alice, sandbox, committed, logged, label, organization
):
    token = sandbox.token(label)

    with committed():
        answers = walk(browser_of(alice), organization, token)
    with committed():
        answers += call(program_of(alice), organization, token)

    told = "".join(f"{answer.headers}{answer.text}" for answer in answers)
    assert_no_trace(token, told, logged.getvalue(), database_dump())


def test_no_trace_in_the_admin(browser_of, alice, sandbox, committed):
    alice.is_staff = alice.is_superuser = True
    alice.save()
    token = sandbox.token("healthy")
    browser = browser_of(alice)
    with committed():
        walk(browser, "contoso", token)

    pages = []
    for name in ("bindings/personalaccesstoken", "onboarding/import", "organizations/auditevent"):
        model = apps.get_model(*name.split("/"))
        places = ["", *(f"{row.pk}/change/" for row in model.objects.all())]
        pages += [browser.get(f"/admin/{name}/{place}").text for place in places]

    assert_no_trace(token, *pages)


def test_no_trace_in_the_broker(alice, sandbox, settings, committed):
    token = sandbox.token("healthy")
    app.conf.task_always_eager = False
    try:
        with committed():
            start_import(organization="contoso", token=token, by=alice)
        broker = redis.Redis.from_url(settings.REDIS_URL)
        prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
        payloads = b"".join(broker.lrange(f"{prefix}celery", 0, -1))
        broker.delete(f"{prefix}celery")
    finally:
        app.conf.task_always_eager = True

    assert b"verify_import" in payloads
    assert_no_trace(token, payloads.decode("latin-1"))


def test_no_trace_when_something_breaks(alice, sandbox, committed, logged, monkeypatch):
    """A bug deep inside: the provider, with the token in its hands, raises."""
    token = sandbox.token("healthy")

    def broken(self):
        raise RuntimeError(f"broken with {self!r} and {self._http!r} and {self._http._auth!r}")

    monkeypatch.setattr(AzureDevOps, "inventory", broken)
    with committed():
        start_import(organization="contoso", token=token, by=alice)

    assert "broken with" in logged.getvalue()
    assert_no_trace(token, logged.getvalue(), database_dump())


@pytest.fixture
def crane(alice, sandbox):
    """A project at the support desk of Alice, who may look at everything."""
    alice.is_staff = alice.is_superuser = True
    alice.save()
    organization = OrganizationFactory(key="harbour", owner=alice)
    binding = BindingFactory(organization=organization, external_id=sandbox.instance_id("contoso"))
    repository = RepositoryFactory(binding=binding)
    return ProjectFactory(organization=organization, repository=repository, key="crane")


@pytest.mark.parametrize("label", ["healthy", "read-only", "revoked", "sees-nothing", "outage"])
def test_no_trace_of_a_projects_own_token(
    browser_of, program_of, alice, crane, sandbox, logged, label
):
    """Pasted for a new project and again for one that is there, then looked for everywhere."""
    browser, program, pasted = browser_of(alice), program_of(alice), sandbox.token(label)
    if label == "outage":
        DevOpsBinding.objects.update(external_name="outage")
    typed = {"name": "Gauge", "repository": "tide-gauge", "token": pasted}
    typed["platform_project"] = sandbox.repository("contoso", "tide-gauge")[0].name
    place, calls = "/organizations/harbour/projects/", "/api/v1/organizations/harbour/projects"

    wrong = [{"key": "No"}, {"token": f"{pasted}="}, {}, {"name": "Again"}]
    answers = [browser.post(f"{place}new/", typed | each) for each in wrong]
    answers += [browser.post(f"{place}{key}/token/", typed) for key in ("crane", "gauge")]
    pages = ["", "crane/", "gauge/", "gauge/token/", "gauge/settings/", "new/"]
    answers += [browser.get(f"{place}{page}") for page in pages]
    answers += [program.get(f"{calls}{rest}") for rest in ("", "/gauge")]
    desk = [f"project/{project.pk}/change/" for project in crane.organization.projects.all()]
    answers += [browser.get(f"/admin/projects/{page}") for page in ["project/", *desk]]
    answers += [browser.get("/admin/organizations/auditevent/")]
    kept = database_dump()
    answers += [browser.post(f"{place}gauge/token/remove/", follow=True)]

    told = "".join(f"{answer.headers}{answer.text}" for answer in answers)
    assert_no_trace(pasted, told, logged.getvalue(), kept, database_dump())


@pytest.mark.parametrize("label", ["healthy", "not-admin", "revoked", "outage"])
def test_no_trace_of_a_token_brought_as_evidence(
    browser_of, program_of, alice, charlie, sandbox, committed, logged, mailoutbox, label
):
    """Pasted on the page of a claim and sent by a program, then looked for everywhere."""
    pasted = sandbox.token(label)
    organization = OrganizationFactory(key="contoso", owner=alice)
    BindingFactory(organization=organization, external_id=sandbox.instance_id("contoso"))
    name = "outage" if label == "outage" else "contoso"
    claim = ClaimFactory(organization=organization, user=charlie, external_name=name)
    browser, program = browser_of(charlie), program_of(charlie)
    place, call = f"/claims/{claim.pk}/", f"/api/v1/claims/{claim.pk}"

    answers = [browser.post(f"{place}paste/", {"token": f"{pasted}="})]
    with committed():
        answers += [browser.post(f"{place}paste/", {"token": pasted})]
    with committed():
        body = {"kind": "token", "token": pasted}
        keyed = {"Idempotency-Key": "canary"}
        answers += [program.post(f"{call}/evidence", body, "application/json", headers=keyed)]
    answers += [browser.get(place), program.get(call), browser.get("/claims/")]
    answers += [browser_of(alice).get("/organizations/contoso/claims/")]
    send_letters()
    kept = database_dump()
    answers += [browser.post(f"{place}withdraw/", follow=True)]

    told = "".join(f"{answer.headers}{answer.text}" for answer in answers)
    mailed = "".join(mail.message().as_string() + mail.body for mail in mailoutbox)
    assert_no_trace(pasted, told, mailed, logged.getvalue(), kept, database_dump())


REPLACEMENTS = ["healthy", "other-owner", "read-only", "revoked", "expired-header", "global"]


@pytest.mark.parametrize("label", REPLACEMENTS)
def test_no_trace_of_a_replacement(
    browser_of, program_of, alice, sandbox, committed, logged, mailoutbox, label
):
    """Pasted on the page and sent by a program: pages, API, notices, mails, calendar."""
    browser, program, pasted = browser_of(alice), program_of(alice), sandbox.token(label)
    organization = OrganizationFactory(key="contoso", owner=alice)
    binding = BindingFactory(organization=organization, external_id=sandbox.instance_id("contoso"))
    TokenFactory(binding=binding, secret=sandbox.issue_token("contoso"), owner_id="")
    place = "/organizations/contoso/binding/"
    with committed():
        answers = [browser.post(f"{place}token/", {"token": pasted, "organization": "con toso"})]
        answers += [browser.post(f"{place}token/", {"token": pasted, "when": "now"})]
    with committed():
        body = {"token": pasted, "accept_differences": True}
        address = "/api/v1/organizations/contoso/binding"
        answers += [program.put(f"{address}/token", body, content_type="application/json")]
    with committed():
        address_of_calendar = calendars.path_of(calendars.make_address(organization, alice))
        answers += [browser.post(f"{place}{act}/") for act in ("check", "accept", "undo")]

    answers += [program.get(address), program.get(f"{address}/verifications")]
    answers += [browser.get(f"{place}{page}") for page in ("", "history/", "token/", "calendar/")]
    answers += [browser.get("/notifications/"), browser.get(address_of_calendar)]
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        send_due_mails()

    told = "".join(f"{answer.headers}{answer.text}" for answer in answers)
    mailed = "".join(mail.message().as_string() + mail.body for mail in mailoutbox)
    assert_no_trace(pasted, told, mailed, logged.getvalue(), database_dump())
