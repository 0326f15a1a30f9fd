"""Who asks, and what an answer means to them."""

from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from accounts.models import Scope
from accounts.operations import issue_api_token
from accounts.roles import make_support
from tests.access.harbour import harbour_of
from tests.accounts.rows import everything
from tests.factories import BindingFactory, UserFactory

# The columns of the tables. The neighbour owns another organization; support may act.
KINDS = ("anonymous", "stranger", "member", "owner", "neighbour", "support", "superuser")
# Support that may only look, and staff whom nobody gave a role.
MORE_STAFF = ("onlooker", "staff")

IN, AWAY = "in", "in, and led on"
SIGN_IN, FROM_THE_START = "sign in, and come back", "sign in"
AGAIN, AT_THE_DOOR = "password again", "at the desk's door"
OWNERS, CREATORS = "owners only", "creators only"
SENTENCES = {
    OWNERS: "Only an owner of this organization may do that.",
    CREATORS: "You may look at this organization, but not create projects in it.",
}
DOORS = {
    "/account/reauthenticate/": AGAIN,
    "/admin/login/?next=": AT_THE_DOOR,
    "/account/login/": FROM_THE_START,
}


def people():
    """One of each kind who has an account."""
    made = {kind: UserFactory(email=f"{kind}@example.com") for kind in KINDS[1:6]}
    BindingFactory(organization__key="quay", organization__owner=made["neighbour"])
    made |= {kind: UserFactory(email=f"{kind}@example.com", is_staff=True) for kind in MORE_STAFF}
    everywhere = {"is_staff": True, "is_superuser": True}
    make_support(made["support"], may_act=True)
    make_support(made["onlooker"], may_act=False)
    return made | {"superuser": UserFactory(email="superuser@example.com", **everywhere)}


class World:
    """The harbour, and everybody with a browser and a program at hand."""

    def __init__(self):
        self.people = people()
        self.names = harbour_of(self.people["owner"], self.people["member"])
        self.sessions = {kind: session_of(person) for kind, person in self.people.items()}
        self.browsers = {kind: Client() for kind in (*KINDS, *MORE_STAFF)}
        self.programs = {kind: self.program(kind) for kind in KINDS}

    def browser(self, kind):
        """As just signed in, whatever became of it before."""
        browser = self.browsers[kind]
        browser.cookies.clear()
        if kind in self.sessions:
            browser.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[kind]
        return browser

    def program(self, kind, scopes=tuple(Scope.values)):
        if kind == "anonymous":
            return Client()
        secret = issue_api_token(self.people[kind], name="test", scopes=scopes)[1]
        self.before = everything()
        return Client(headers={"Authorization": f"Bearer {secret}"})

    def answer(self, ask, meaning, *, may_change=(IN, AWAY)):
        """What an answer means, and whether it changed what it may not. Then all is as it was."""
        mark, writes = transaction.savepoint(), Writes()
        with connection.execute_wrapper(writes):
            means = meaning(ask())
        if means not in may_change and writes.seen and everything() != self.before:
            means = f"{means}, and changed something"
        transaction.savepoint_rollback(mark)
        return means


class Writes:
    """Whether any statement did more than read. Only then all rows have to be compared."""

    READS = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")
    seen = False

    def __call__(self, execute, sql, params, many, context):
        self.seen = self.seen or not sql.startswith(self.READS)
        return execute(sql, params, many, context)


def session_of(person):
    browser = Client()
    browser.force_login(person)
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def differing(got, wanted):
    """Where the two are not the same: both."""
    return {name: (got[name], wanted[name]) for name in wanted if got[name] != wanted[name]}


def is_taken(response):
    """Whether it was let in, though a rule may have said no to what was sent."""
    is_look = response.wsgi_request.method == "GET"
    return response.status_code in ((200,) if is_look else (200, 201, 202, 204, 409, 422))


def page_means(response):
    status, place = response.status_code, response.get("Location", "")
    if status == 302:
        doors = {f"/account/login/?next={response.wsgi_request.path}": SIGN_IN, **DOORS}
        return next((means for door, means in doors.items() if place.startswith(door)), AWAY)
    if status == 403:
        return next((who for who, said in SENTENCES.items() if said in response.text), 403)
    return IN if is_taken(response) else status


def call_means(response):
    if is_taken(response):
        return IN
    assert response["Content-Type"] == "application/problem+json"
    if response.status_code == 401:
        assert response["WWW-Authenticate"] == 'Bearer realm="Mooring"'
    return f"{response.status_code} {response.json()['code']}"
