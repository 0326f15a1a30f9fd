"""The pages of organizations, projects and code, as somebody who looks around sees them."""

import urllib.parse

import pytest

TREE = "/contoso/Crane%20Operations/_git/crane-control"


def look(ask, path, person="technical"):
    return ask(None, path, headers={"Cookie": f"sandbox-person={person}"})


def sign_in(ask, **form):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urllib.parse.urlencode(form).encode()
    return ask(None, "/_signin/as", method="POST", body=body, headers=headers)


def test_a_repository_shows_its_default_branch_first(ask):
    page = look(ask, f"{TREE}?path=/README.md").text

    assert page.index("<h2>master") < page.index("<h2>experiment/swing")
    assert page.count(">default<") == 1
    assert f"{TREE}</pre>" in page


@pytest.mark.parametrize(
    "path",
    [
        "/contoso/Quayside/_git/crane-control",
        "/contoso/Nowhere/_git/crane-control",
        "/contoso/Crane%20Operations/_git/nothing",
        "/contoso/_git/crane-control",
        "/atlantis",
        "/atlantis/Quayside",
        "/atlantis/_usersSettings/tokens",
        "/vssps/contoso",
        "/mail/99",
    ],
)
def test_what_is_not_there_is_a_page_with_a_way_home(ask, path):
    page = look(ask, path)

    assert page.status == 404
    assert 'href="/static/azure/azure.css"' in page.text
    assert '<a class="button primary" href="/' in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/contoso/_usersSettings", "/contoso/_usersSettings/tokens"),
        ("/contoso/_usersSettings/keys", "/contoso/_usersSettings/tokens"),
        ("/contoso/Crane%20Operations/_git", "/contoso/Crane%20Operations"),
    ],
)
def test_an_address_of_the_real_one_leads_to_what_is_here(ask, path, leads_to):
    answer = look(ask, path)

    assert (answer.status, answer.headers["Location"]) == (302, leads_to)


def test_a_repository_named_like_its_project_needs_no_project(ask, sandbox):
    sandbox.add_repository("contoso", "Quayside", "Quayside", {"a.py": "a = 1\n"})

    answer = look(ask, "/contoso/_git/Quayside")

    assert answer.headers["Location"] == "/contoso/Quayside/_git/Quayside"


@pytest.mark.parametrize("path", ["/contoso/_settings/users", "/contoso/Quayside/_boards/board"])
def test_an_address_without_a_counterpart_offers_what_is_here(ask, path):
    page = look(ask, path)

    assert page.status == 404
    assert '<a class="button primary" href="/contoso">' in page.text
    assert 'href="/contoso/_usersSettings/tokens"' in page.text


def test_a_project_is_a_step_on_the_way(ask):
    project, repository = look(ask, "/contoso/Crane%20Operations"), look(ask, TREE)

    assert f'href="{TREE}"' in project.text
    assert '<a href="/contoso/Crane%20Operations">Crane Operations</a>' in repository.text


@pytest.mark.parametrize(
    ("person", "projects", "code"),
    [
        ("technical", {"Quayside", "Ledger"}, {"berth-planner", "ledger-db", "tide-gauge"}),
        ("partial", {"Quayside"}, {"berth-planner", "tide-gauge"}),
        ("stakeholder", {"Quayside", "Ledger"}, {"tide-gauge"}),
        ("newcomer", set(), {"tide-gauge"}),
    ],
)
def test_everybody_sees_what_they_may(ask, person, projects, code):
    page = look(ask, "/contoso", person).text

    assert {name for name in ("Quayside", "Ledger") if f">{name}</a>" in page} == projects
    names = ("berth-planner", "ledger-db", "tide-gauge")
    assert {name for name in names if f">{name}</a>" in page} == code


def test_what_one_may_not_see_is_not_there(ask):
    ledger = "/contoso/Ledger/_git/ledger-db"

    assert look(ask, ledger).status == 200
    assert look(ask, ledger, "stakeholder").status == 404
    assert look(ask, ledger, "partial").status == look(ask, "/contoso/Ledger", "partial").status
    assert look(ask, "/contoso/Ledger", "partial").status == 404


@pytest.mark.parametrize(
    "back",
    [
        "//example.com",
        "/\t/example.com",
        "/\\example.com",
        "\\\\example.com",
        "/contoso\r\nX-More: 1",
        "/con toso",
        "https://example.com",
        "",
    ],
)
def test_signing_in_leads_nowhere_else(ask, back):
    answer = sign_in(ask, person="stakeholder", back=back)

    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert answer.headers["X-More"] is None


@pytest.mark.parametrize("person", ["outsider", "nobody", ""])
def test_one_can_be_known_people_only(ask, person):
    answer = sign_in(ask, person=person, back="/contoso")

    assert answer.headers["Location"] == "/contoso"
    assert answer.headers["Set-Cookie"] is None


def test_one_comes_back_to_an_odd_address(ask):
    path = "/oddly-named/" + urllib.parse.quote("100% & more", safe="")

    page = look(ask, f"{path}?a=b")
    back = sign_in(ask, person="stakeholder", back=f"{path}?a=b")

    assert f'name="back" value="{path}?a=b"' in page.text
    assert back.headers["Location"] == f"{path}?a=b"


def describe(ask, person):
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"sandbox-person={person}",
    }
    body = urllib.parse.urlencode({"description": "Where the berths are"}).encode()
    return ask(None, "/contoso/Quayside/_settings", method="POST", body=body, headers=headers)


def test_an_administrator_may_describe_a_project(ask):
    answer = describe(ask, "administrator")

    assert answer.status == 303
    assert "Where the berths are" in look(ask, "/contoso/Quayside").text


def test_nobody_else_may_describe_a_project(ask):
    assert describe(ask, "contributor").status == 403
    assert "Where the berths are" not in look(ask, "/contoso/Quayside", "contributor").text
    assert 'name="description"' not in look(ask, "/contoso/Quayside", "contributor").text
