"""What went wrong becomes an answer in one place: form error, page, note or problem."""

import pytest
from django import forms
from django.contrib.auth.decorators import login_not_required
from django.test import Client
from django.urls import include, path

from core.errors import Conflict, DomainError, Forbidden, TooOften, Unavailable
from core.http import errors_on, render_form
from organizations.errors import AvatarUnusable, KeyTaken, OwnersOnly
from tests.factories import ImportFactory, OrganizationFactory
from tests.tokens import make_token

pytestmark = pytest.mark.django_db


class KeyForm(forms.Form):
    key = forms.CharField(required=False)


ERRORS = {
    "refused": (DomainError("Not on a Sunday."), 422),
    "forbidden": (Forbidden("Not on a Sunday."), 403),
    "conflict": (Conflict("Not on a Sunday."), 409),
    "too often": (TooOften("Not on a Sunday."), 429),
    "unavailable": (Unavailable("Not on a Sunday."), 503),
    "a kind of forbidden": (OwnersOnly("Not on a Sunday."), 403),
    "a kind of conflict": (KeyTaken("Not on a Sunday."), 409),
    "about a field the form lacks": (AvatarUnusable("Not on a Sunday."), 422),
}


@login_not_required
def refuse(request, kind):
    raise ERRORS[kind][0]


@login_not_required
def refuse_on_form(request, kind):
    form = KeyForm(request.GET)
    if form.is_valid():
        with errors_on(form):
            raise ERRORS[kind][0]
    return render_form(request, "onboarding/key_check.html", form, key="", problem="")


@login_not_required
def break_down(request):
    raise RuntimeError("the quiet part")


handler400, handler403 = "core.http.bad_request", "core.http.forbidden"
handler404, handler500 = "core.http.not_found", "core.http.server_error"
urlpatterns = [
    path("refuse/<str:kind>/", refuse),
    path("refuse-on-form/<str:kind>/", refuse_on_form),
    path("break-down/", break_down),
    path("api/v1/break-down", break_down),
    path("", include("config.urls")),
]
with_our_views = pytest.mark.urls(__name__)
HTMX = {"HX-Request": "true"}


@with_our_views
@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_no_form_caught_is_a_page_that_says_it(client, kind):
    response = client.get(f"/refuse/{kind}/")

    assert response.status_code == ERRORS[kind][1]
    assert "<html" in response.text
    assert "Not on a Sunday." in response.text


@with_our_views
@pytest.mark.parametrize("kind", ERRORS)
def test_to_htmx_it_is_a_note_and_no_page(client, kind):
    response = client.get(f"/refuse/{kind}/", headers=HTMX)

    assert response.status_code == ERRORS[kind][1]
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#notes", "innerHTML")
    assert "Not on a Sunday." in response.text
    assert "<html" not in response.text


@with_our_views
@pytest.mark.parametrize("kind", ERRORS)
def test_on_a_form_it_is_an_error_of_the_form(client, kind):
    response = client.get(f"/refuse-on-form/{kind}/")

    field = "key" if kind == "a kind of conflict" else "__all__"
    assert response.status_code == 422
    assert response.context["form"].errors == {field: ["Not on a Sunday."]}


@with_our_views
def test_a_bug_is_told_as_ours_and_tells_nothing_about_itself():
    response = Client(raise_request_exception=False).get("/break-down/")

    assert response.status_code == 500
    assert "Something broke on our side" in response.text
    assert "the quiet part" not in response.text and "RuntimeError" not in response.text


@with_our_views
@pytest.mark.parametrize("place", ["/break-down/", "/nothing/", "/refuse/conflict/"])
def test_a_page_that_tells_of_trouble_names_the_request_as_its_log_line_does(place, caplog):
    page = Client(raise_request_exception=False).get(place).text

    logged = {line.msg["request_id"] for line in caplog.records if isinstance(line.msg, dict)}
    assert len(logged) == 1
    assert logged.pop() in page


@pytest.mark.parametrize(
    ("place", "status", "sentence"),
    [
        ("/nothing/", 404, "There is nothing here"),
        ("/organizations/fabrikam/", 404, "There is nothing here"),
        ("/?q=%00", 400, "That request could not be read"),
    ],
)
def test_what_can_not_be_shown_is_a_page_of_ours(browser_of, alice, place, status, sentence):
    response = browser_of(alice).get(place)

    assert response.status_code == status
    assert sentence in response.text


def test_a_form_from_another_page_is_a_page_of_ours(alice):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)

    response = browser.post("/imports/new/", {})

    assert response.status_code == 403
    assert '<main id="main"' in response.text


def test_a_request_for_another_host_is_a_page_of_ours(client, settings):
    settings.ALLOWED_HOSTS = ["testserver"]

    response = client.get("/", headers={"Host": "example.com"})

    assert response.status_code == 400
    assert "That request could not be read" in response.text


def test_a_member_who_is_no_owner_is_told_so(browser_of, alice, bob):
    OrganizationFactory(key="contoso", owner=alice, member=bob)

    response = browser_of(bob).get("/organizations/contoso/settings/")

    assert response.status_code == 403
    assert OwnersOnly.message in response.text


# The API: every refusal is a problem of RFC 9457, whoever refused it
JSON, TEXT = {"content_type": "application/json"}, {"content_type": "text/plain"}
CSV = {"headers": {"Accept": "text/csv"}}


@pytest.fixture
def call(program_of, alice):
    """Call the API as Alice, who owns the organization `contoso`."""
    OrganizationFactory(key="contoso", owner=alice)

    def call(method, place, body=None, scopes=("organizations:read", "imports"), **options):
        program = program_of(alice, scopes) if scopes else Client()
        return getattr(program, method)(f"/api/v1/{place}", body, **options)

    return call


PASTE = {"organization": "contoso", "token": "too short"}
PROBLEMS = {
    "no token": (("get", "organizations"), {"scopes": None}, 401, "not-authenticated"),
    "no scope": (("get", "organizations"), {"scopes": ["imports"]}, 403, "scope-missing"),
    "not there": (("get", "organizations/fabrikam"), {}, 404, "not-found"),
    "no such address": (("get", "nothing"), {}, 404, "not-found"),
    "no such method": (("put", "organizations/contoso"), {}, 405, "method-not-allowed"),
    "no JSON": (("post", "imports", "{"), JSON, 400, "parse-error"),
    "nested without end": (("post", "imports", "[" * 100_000), JSON, 400, "parse-error"),
    "a null character": (("get", "organizations?cursor=%00"), {}, 400, "bad-request"),
    "no such type": (("post", "imports", "x"), TEXT, 415, "unsupported-media-type"),
    "no such format": (("get", "organizations"), CSV, 406, "not-acceptable"),
    "fields missing": (("post", "imports", {}), JSON, 422, "invalid"),
    "refused by a rule": (("post", "imports", PASTE), JSON, 422, "token-malformed"),
}


@pytest.mark.parametrize(("said", "options", "status", "code"), PROBLEMS.values(), ids=PROBLEMS)
def test_every_refusal_of_the_api_is_a_problem(call, said, options, status, code):
    response = call(*said, **options)

    problem = response.json()
    assert response.status_code == problem["status"] == status
    assert response["Content-Type"] == "application/problem+json"
    assert (problem["code"], problem["type"]) == (code, f"/problems/{code}")
    assert problem["title"] and problem["request_id"]


@with_our_views
def test_a_bug_is_a_problem_to_a_program():
    response = Client(raise_request_exception=False).get("/api/v1/break-down")

    assert (response.status_code, response.json()["code"]) == (500, "internal-server-error")
    assert "the quiet part" not in response.text


def test_a_problem_names_its_fields(call):
    missing, refused = (call("post", "imports", body, **JSON).json() for body in ({}, PASTE))

    assert set(missing["errors"]) == {"organization", "token"}
    assert refused["errors"] == {"token": [refused["title"]]}
    assert "errors" not in call("get", "organizations/fabrikam").json()


def test_a_conflict_brings_its_suggestions(call, alice):
    import_ = ImportFactory(ready=True, user=alice)
    asked = {"key": "contoso", "name": "Contoso", "plan": "free"}

    problem = call("post", f"imports/{import_.pk}/create", asked, **JSON).json()

    assert (problem["status"], problem["code"]) == (409, "key-taken")
    assert problem["suggestions"] == ["contoso-2", "contoso-eu", "contoso-us"]


def test_who_is_not_known_is_told_how_to_sign_in(call):
    assert call("get", "organizations", scopes=None)["WWW-Authenticate"].startswith("Bearer")


def test_who_asks_too_often_is_told_for_how_long_to_wait(program_of, alice, settings):
    settings.API_REQUESTS_PER_MINUTE = 1
    program = program_of(alice)

    taken, refused = (program.get("/api/v1/organizations") for _ in range(2))

    assert (taken.status_code, refused.json()["code"]) == (200, "throttled")
    assert 0 < int(refused["Retry-After"]) <= 61


def test_a_body_beyond_all_measure_is_not_read(call, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    response = call("post", "imports", PASTE | {"token": make_token() * 20}, **JSON)

    assert (response.status_code, response.json()["code"]) == (413, "body-too-large")
