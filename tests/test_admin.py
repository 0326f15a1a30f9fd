"""The support desk: sees everything but secrets, and changes nothing by hand."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.utils import timezone

from accounts.kinds import Kind
from accounts.models import Farewell, Notification
from accounts.notifications import choose_mails
from accounts.operations import issue_api_token
from bindings.calendars import make_address
from bindings.models import PlatformIncident
from claims.models import ReplyTemplate
from organizations import audit
from organizations.models import AuditEvent, Invitation, JoinRequest, RecoveryLetter
from tests.billing.rows import (
    AccountFactory,
    EventFactory,
    InvoiceFactory,
    OperationFactory,
    QuoteFactory,
    SubscriptionFactory,
)
from tests.factories import (
    BindingFactory,
    ClaimFactory,
    EstimatedRepositoryFactory,
    EstimateFactory,
    ImportFactory,
    LineCountFactory,
    NotificationFactory,
    OrganizationFactory,
    PriceFactory,
    ProjectFactory,
    ReadingFactory,
    RepositoryFactory,
    SizeFactory,
    TokenFactory,
    UserFactory,
    VerificationFactory,
)
from tests.tokens import make_token


def api_token(word):
    user = UserFactory(email=f"{word}@example.com")
    return issue_api_token(user, name="Scanner", scopes=["imports"])[0]


def audit_event(word):
    organization = OrganizationFactory(key=word)
    audit.record(organization, "organization.changed", by=None)
    return AuditEvent.objects.latest("pk")


def platform_incident(word):
    return PlatformIncident.objects.create(platform=word, affected=7, ended_at=timezone.now())


def calendar_feed(word):
    user = UserFactory(email=f"{word}@example.com")
    make_address(OrganizationFactory(member=user), user)
    return user.calendar_feeds.get()


def invitation(word):
    organization = OrganizationFactory()
    return Invitation.objects.create(organization=organization, email=f"{word}@example.com")


def recovery_letter(word):
    return RecoveryLetter.objects.create(
        organization=OrganizationFactory(), email=f"{word}@example.com", is_new=True
    )


def join_request(word):
    user = UserFactory(email=f"{word}@example.com")
    return JoinRequest.objects.create(organization=OrganizationFactory(), user=user)


def estimate(word):
    return EstimateFactory(binding=BindingFactory(external_name=word))


def reply_template(word):
    return ReplyTemplate.objects.create(about="ask", title=word, text="Hello {claimant}")


def catalog_price(word):
    return PriceFactory(lookup_key=word, version=2, is_sold=False)


# One row of each list, to be found again by the word it is made with.
ROWS = {
    "accounts/user": lambda word: UserFactory(email=f"{word}@example.com"),
    "accounts/apitoken": api_token,
    "accounts/farewell": lambda word: Farewell.objects.create(email=f"{word}@example.com"),
    "accounts/notification": lambda word: NotificationFactory(user__email=f"{word}@example.com"),
    "organizations/organization": lambda word: OrganizationFactory(key=word),
    "organizations/auditevent": audit_event,
    "organizations/invitation": invitation,
    "organizations/joinrequest": join_request,
    "organizations/recoveryletter": recovery_letter,
    "bindings/devopsbinding": lambda word: BindingFactory(external_name=word),
    "bindings/personalaccesstoken": lambda word: TokenFactory(owner_name=word),
    "bindings/verification": lambda word: VerificationFactory(binding__external_name=word),
    "bindings/platformincident": platform_incident,
    "bindings/calendarfeed": calendar_feed,
    "bindings/repository": lambda word: RepositoryFactory(name=word),
    "projects/project": lambda word: ProjectFactory(key=word),
    "projects/projectsize": lambda word: SizeFactory(project__key=word),
    "projects/linecount": lambda word: LineCountFactory(branch=word),
    "projects/usagereading": lambda word: ReadingFactory(organization__key=word),
    "projects/estimate": estimate,
    "projects/estimatedrepository": lambda word: EstimatedRepositoryFactory(name=word),
    "billing/billingaccount": lambda word: AccountFactory(organization__key=word),
    "billing/subscription": lambda word: SubscriptionFactory(stripe_id=f"sub_{word}"),
    "billing/invoice": lambda word: InvoiceFactory(number=word),
    "billing/stripeevent": lambda word: EventFactory(stripe_id=f"evt_{word}"),
    "billing/operation": lambda word: OperationFactory(account__organization__key=word),
    "billing/quote": lambda word: QuoteFactory(price__lookup_key=word),
    "billing/catalogprice": catalog_price,
    "claims/accessclaim": lambda word: ClaimFactory(user__email=f"{word}@example.com"),
    "claims/replytemplate": reply_template,
    "onboarding/import": lambda word: ImportFactory(external_name=word),
}
LISTS = pytest.mark.parametrize("place", ROWS)
# The desk's own, which whoever has the permission edits.
EDITED = {"claims/replytemplate"}
READ_ONLY = pytest.mark.parametrize("place", sorted(set(ROWS) - EDITED))


@pytest.fixture
def desk(browser_of, db):
    """The browser of somebody at the support desk."""
    return browser_of(UserFactory(email="support@example.com", is_staff=True, is_superuser=True))


def shown(page):
    """The rows of a list."""
    return list(page.context["cl"].result_list)


def test_every_list_is_in_the_table():
    registered = {model._meta.label_lower.replace(".", "/") for model in admin.site._registry}

    assert registered == set(ROWS)


def test_support_starts_from_an_index_of_them(desk):
    page = desk.get("/admin/").text

    assert all(f'href="/admin/{place}/"' in page for place in ROWS)


def test_the_desks_door_is_the_one_with_the_second_factor(client, db):
    response = client.get("/admin/login/?next=/admin/")

    assert response["Location"] == "/account/login/?next=%2Fadmin%2F"
    assert client.post("/admin/login/", {"username": "x", "password": "x"}).status_code == 302


@READ_ONLY
def test_no_row_has_a_field_to_type_into(desk, place):
    row = ROWS[place]("wanted")

    page = desk.get(f"/admin/{place}/{row.pk}/change/").text

    form = page[page.index('<div id="content-main">') :]
    assert 'name="_save"' not in form
    assert '<input type="text"' not in form and "<textarea" not in form


@LISTS
def test_a_row_is_found_by_a_word(desk, place):
    row, other = ROWS[place]("wanted"), ROWS[place]("other")

    found = shown(desk.get(f"/admin/{place}/", {"q": "wante"}))

    assert row in found
    assert other not in found


@pytest.mark.parametrize(
    ("place", "word"),
    [
        ("accounts/apitoken", "dora@"),
        ("organizations/organization", "dora@"),
        ("onboarding/import", "dora@"),
        ("bindings/devopsbinding", "doras-harbour"),
        ("projects/project", "doras-harbour"),
        ("billing/billingaccount", "doras-harbour"),
        ("billing/subscription", "doras-harbour"),
        ("billing/invoice", "doras-harbour"),
        ("billing/operation", "doras-harbour"),
        ("billing/quote", "doras-harbour"),
        ("claims/accessclaim", "doras-harbour"),
    ],
)
def test_support_finds_what_is_a_persons_by_the_person(desk, place, word):
    dora = UserFactory(email="dora@example.com")
    organization = OrganizationFactory(key="doras-harbour", owner=dora)
    BindingFactory(organization=organization)
    ImportFactory(user=dora)
    ClaimFactory(organization=organization)
    ProjectFactory(organization=organization)
    account = AccountFactory(organization=organization)
    QuoteFactory(subscription__account=account)
    InvoiceFactory(account=account)
    OperationFactory(account=account)
    issue_api_token(dora, name="Scanner", scopes=["imports"])
    ROWS[place]("other")

    assert len(shown(desk.get(f"/admin/{place}/", {"q": word}))) == 1


def test_no_page_has_a_secret_or_a_trace_of_one(desk):
    dora = UserFactory(email="dora@example.com")
    dora.set_password("a-harbour-of-her-own")
    dora.save()
    token, secret = issue_api_token(dora, name="Scanner", scopes=["imports"])
    pasted = make_token()
    rows = {
        "accounts/user": dora,
        "accounts/apitoken": token,
        "bindings/personalaccesstoken": TokenFactory(secret=pasted),
        "onboarding/import": ImportFactory(secret=pasted),
    }

    traces = [dora.password, token.digest, secret[13:], pasted[4:40], "Sealed", "gAAAA"]
    for place, row in rows.items():
        for rest in ("", f"{row.pk}/change/", f"{row.pk}/history/"):
            page = desk.get(f"/admin/{place}/{rest}").text
            assert [trace for trace in traces if trace in page] == []


def more(place, count):
    for number in range(count):
        ROWS[place](f"row-{count}-{number}")


@pytest.fixture
def cost(desk, queries):
    """How often a page of the desk asks the database, when it was seen before."""

    def measure(address, **query):
        desk.get(address, query)
        with queries() as asked:
            assert desk.get(address, query).status_code == 200
        return len(asked)

    return measure


@LISTS
def test_a_list_costs_the_same_for_few_and_many(cost, place):
    more(place, 2)
    few = cost(f"/admin/{place}/")
    more(place, 40)

    assert cost(f"/admin/{place}/") == few


@LISTS
def test_a_search_costs_the_same_for_few_and_many(cost, place):
    more(place, 2)
    few = cost(f"/admin/{place}/", q="row")
    more(place, 40)

    assert cost(f"/admin/{place}/", q="row") == few


@pytest.mark.parametrize(
    "probe",
    [
        "accounts/user/?password__startswith=md5",
        "accounts/apitoken/?digest__startswith=0",
        "accounts/apitoken/?user__password__startswith=md5",
    ],
)
def test_what_is_hidden_can_not_be_guessed_letter_by_letter(desk, probe):
    assert desk.get(f"/admin/{probe}").status_code == 400


def test_a_long_list_is_not_counted_to_its_end(desk, alice):
    Notification.objects.bulk_create(
        NotificationFactory.build(user=alice, threshold=str(n)) for n in range(2001)
    )

    page = desk.get("/admin/accounts/notification/")

    assert "There are more than are counted here" in page.text
    assert page.context["cl"].result_count == 2000


def test_a_filter_that_is_offered_works(desk):
    assert desk.get("/admin/accounts/user/?is_active__exact=1").status_code == 200


def test_support_sees_the_repositories_of_one_estimate(desk):
    wanted, other = EstimatedRepositoryFactory(), EstimatedRepositoryFactory()
    page = desk.get(f"/admin/projects/estimate/{wanted.estimate_id}/change/").text
    place = f"/admin/projects/estimatedrepository/?estimate={wanted.estimate_id}"

    assert f'href="{place}"' in page
    assert shown(desk.get(place)) == [wanted]
    assert other.estimate_id != wanted.estimate_id


def test_support_sees_what_people_were_told_kind_by_kind(desk):
    failing = NotificationFactory(kind="token_failing")
    NotificationFactory(kind="token_expiring")

    page = desk.get("/admin/accounts/notification/?kind__exact=token_failing")

    assert shown(page) == [failing]
    assert "A token stopped working" in page.text


def test_support_sees_what_became_of_each_mail(desk):
    def at(hour):
        return datetime(2026, 11, 23, hour, 0, tzinfo=UTC)

    NotificationFactory(
        title="Contoso's token expires",
        created_at=at(6),
        mailed_at=at(7),
        mail_attempts=12,
        mail_due_at=at(8),
        read_at=at(9),
    )

    page = desk.get("/admin/accounts/notification/").text

    cells = re.findall(r'class="field-(\w+)[^"]*">(?:<a[^>]*>)?([^<]*)', page)
    assert [cell for cell in cells if cell[0] != "user"] == [
        ("title", "Contoso&#x27;s token expires"),
        ("kind", "A token expires soon"),
        ("created_at", "Nov. 23, 2026, 6 a.m."),
        ("mailed_at", "Nov. 23, 2026, 7 a.m."),
        ("mail_attempts", "12"),
        ("mail_due_at", "Nov. 23, 2026, 8 a.m."),
        ("read_at", "Nov. 23, 2026, 9 a.m."),
    ]


def test_support_sees_which_mails_a_person_chose(desk):
    dora = UserFactory()
    choose_mails(dora, {Kind.TOKEN_EXPIRING: False, Kind.TOKEN_RECOVERED: True})

    page = desk.get(f"/admin/accounts/user/{dora.pk}/change/").text

    rows = re.findall(r'<td class="field-kind">(.*?)</tr>', page, re.DOTALL)
    chosen = {re.search(r"<p>(.*?)</p>", row)[1]: "icon-yes" in row for row in rows}
    assert chosen == {"A token expires soon": False, "A token works again": True}


def test_a_person_costs_the_same_with_few_and_many_choices(cost):
    few, many = UserFactory(), UserFactory()
    choose_mails(few, {Kind.TOKEN_EXPIRING: False})
    choose_mails(many, dict.fromkeys(Kind, False))

    costs = [cost(f"/admin/accounts/user/{user.pk}/change/") for user in (few, many)]

    assert costs[0] == costs[1]
