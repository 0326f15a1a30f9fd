"""The bell, the list behind it, and the choice of what is mailed."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.kinds import Kind
from accounts.notifications import choose_mails, silenced_kinds
from tests.factories import NotificationFactory

EMPTY = "We tell you here and by e-mail when something does."


def bell_of(browser):
    """What is behind the bell, on a page that has nothing to do with it."""
    page = browser.get("/settings/").text
    return page[page.index('<details class="menu bell">') : page.index('title="Your account"')]


def titles(html):
    return re.findall(r'told__title">([^<]*)<', html)


def test_the_bell_says_that_nothing_needs_you(browser_of, alice):
    bell = bell_of(browser_of(alice))

    assert f"Nothing needs you. {EMPTY}" in bell
    assert "Mark all as read" not in bell
    assert "unread" not in bell.lower()


def test_the_bell_counts_what_is_unread_in_a_number_and_in_words(browser_of, alice, bob):
    NotificationFactory.create_batch(3, user=alice)
    NotificationFactory(user=alice, read_at=timezone.now())
    NotificationFactory(user=bob)

    bell = bell_of(browser_of(alice))

    assert '<span class="bell__mark" aria-hidden="true">3</span>' in bell
    assert "Notifications: 3 unread" in bell
    assert bell.count("Unread ·") == 3


@pytest.mark.parametrize(
    ("count", "mark", "words"),
    [(9, "9", "9"), (10, "9+", "more than 9"), (40, "9+", "more than 9")],
)
def test_past_nine_the_bell_stops_counting(browser_of, alice, count, mark, words):
    NotificationFactory.create_batch(count, user=alice)

    bell = bell_of(browser_of(alice))

    assert f">{mark}</span>" in bell
    assert f"Notifications: {words} unread" in bell
    assert len(titles(bell)) == 8


def test_what_is_unread_is_never_behind_what_is_newer_and_read(browser_of, alice):
    now = timezone.now()
    NotificationFactory(user=alice, title="Old", created_at=now - timedelta(days=300))
    for age in range(12):
        then = now - timedelta(days=age)
        NotificationFactory(user=alice, title=f"Read {age}", created_at=then, read_at=now)

    assert titles(bell_of(browser_of(alice))) == ["Old", *(f"Read {n}" for n in range(7))]


def test_what_is_told_is_text_and_no_markup(browser_of, alice):
    NotificationFactory(user=alice, title="<b>Contoso</b>", text="<i>Now</i>")
    browser = browser_of(alice)

    for page in (bell_of(browser), browser.get("/notifications/").text):
        assert "<b>Contoso" not in page and "<i>Now" not in page
        assert "&lt;b&gt;Contoso" in page


def test_the_bell_is_one_question_and_none_for_a_page_without_the_frame(
    browser_of, alice, client, queries
):
    browser = browser_of(alice)
    for address, expected in {"/settings/": 1, "/imports/key/?key=contoso": 0}.items():
        with queries() as asked:
            browser.get(address)
        assert len(about_notifications(asked)) == expected

    with queries() as asked:
        assert "bell" not in client.get("/").text

    assert len(asked) == 0


def about_notifications(asked):
    return [q["sql"] for q in asked.captured_queries if "accounts_notification" in q["sql"]]


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="PostgreSQL reads a short table from end to end."
)
def test_whoever_has_thousands_the_bell_reads_ten(browser_of, alice, queries):
    """They are in an index in its own order, so that none is sorted, counted or passed over."""
    with queries() as asked:
        browser_of(alice).get("/settings/")

    [question] = about_notifications(asked)
    with connection.cursor() as cursor:
        steps = [row[-1] for row in cursor.execute(f"EXPLAIN QUERY PLAN {question}")]
    assert question.endswith("LIMIT 10")
    assert steps == [
        "SEARCH accounts_notification USING INDEX notification_unread_first (user_id=?)"
    ]


def test_opening_one_marks_it_and_leads_on(browser_of, alice):
    row = NotificationFactory(user=alice, action_path="/organizations/new/")
    browser = browser_of(alice)

    response = browser.post(f"/notifications/{row.pk}/")

    row.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, "/organizations/new/")
    assert row.read_at is not None
    assert "Unread ·" not in bell_of(browser)


def test_one_that_leads_nowhere_leads_to_the_list(browser_of, alice):
    row = NotificationFactory(user=alice, action_label="", action_path="")

    response = browser_of(alice).post(f"/notifications/{row.pk}/")

    assert response["Location"] == "/notifications/"


def test_looking_at_the_list_reads_nothing(browser_of, alice):
    NotificationFactory(user=alice)

    browser_of(alice).get("/notifications/")

    assert alice.notifications.unread().count() == 1


@pytest.mark.parametrize(
    ("back", "place"),
    [
        ("/settings/?a=b", "/settings/?a=b"),
        ("", "/notifications/"),
        ("https://elsewhere.example/", "/notifications/"),
        ("//elsewhere.example/", "/notifications/"),
    ],
)
def test_all_is_read_from_wherever_one_is_and_here(browser_of, alice, bob, back, place):
    NotificationFactory.create_batch(2, user=alice)
    NotificationFactory(user=bob)

    response = browser_of(alice).post("/notifications/read/", {"back": back})

    assert response["Location"] == place
    assert alice.notifications.unread().count() == 0
    assert bob.notifications.unread().count() == 1


def test_the_list_says_what_to_do_by_day_and_where(browser_of, alice):
    NotificationFactory(
        user=alice,
        severity="danger",
        title="Contoso's token stopped working",
        text="Replace it today.\n\nNobody else can.",
        created_at=datetime(2026, 11, 23, 17, 0, tzinfo=UTC),
        link_label="Tokens in Azure DevOps",
        link_url="https://dev.azure.com/contoso/_usersSettings/tokens",
    )
    NotificationFactory(user=alice, created_at=datetime(2026, 11, 22, 9, 0, tzinfo=UTC))

    page = browser_of(alice).get("/notifications/").text

    assert re.findall(r">(\w+ \d+ November 2026)<", page) == [
        "Monday 23 November 2026",
        "Sunday 22 November 2026",
    ]
    assert "Act now" in page and "17:00 UTC" in page
    assert "<p>Replace it today.</p>" in page and "<p>Nobody else can.</p>" in page
    assert 'href="https://dev.azure.com/contoso/_usersSettings/tokens"' in page


def test_every_page_of_the_list_has_its_own_and_together_they_have_all(browser_of, alice):
    now = timezone.now()
    for age in range(60):
        read_at = now if age % 2 else None
        then = now - timedelta(hours=age // 3)  # three at a time are told at the same instant
        NotificationFactory(user=alice, title=f"N{age}", created_at=then, read_at=read_at)
    browser = browser_of(alice)

    assert sorted(walk(browser, "?")) == sorted(f"N{n}" for n in range(60))
    assert sorted(walk(browser, "?show=unread")) == sorted(f"N{n}" for n in range(0, 60, 2))


def walk(browser, place):
    found = []
    while place:
        page = browser.get(f"/notifications/{place}").text
        found += titles(page[page.index('<main id="main"') :])
        older = re.search(r'href="(\?[^"]*after=[^"]*)" rel="next"', page)
        place = older[1].replace("&amp;", "&") if older else ""
    return found


def test_an_empty_list_says_what_will_be_there(browser_of, alice):
    browser = browser_of(alice)

    assert EMPTY in browser.get("/notifications/").text
    assert "Nothing here is unread" in browser.get("/notifications/?show=unread").text


# An invitation is a mail already.
MAILED = set(Kind) - {"invited"}
LOCKED = {"token_failing", "organization_deletion", "claim_opened", "claim_decided"}
LOCKED |= {"owners_changed", "role_changed"}


def boxes(page):
    """Each box on the page: whether it is ticked, and whether it is locked."""
    found = re.findall(r'<input type="checkbox" name="(\w+)"([^>]*)>', page)
    return {name: ("checked" in rest, "disabled" in rest) for name, rest in found}


def test_every_kind_is_mailed_until_one_chooses(browser_of, alice):
    page = browser_of(alice).get("/settings/notifications/").text

    assert boxes(page) == {kind: (True, kind in LOCKED) for kind in MAILED}
    assert all(kind.label.replace("'", "&#x27;") in page for kind in MAILED)


def test_the_page_says_what_can_not_be_switched_off_and_why(browser_of, alice):
    page = browser_of(alice).get("/settings/notifications/").text.replace("&#x27;", "'")

    assert "This kind can't be switched off: nothing is analysed until" in page
    assert "In a token's last 7 days this kind can't be switched off" in page


def test_a_choice_is_kept(browser_of, alice):
    browser = browser_of(alice)

    response = browser.post("/settings/notifications/", {"token_recovered": "on"})

    assert response["Location"] == "/settings/notifications/"
    assert silenced_kinds(alice) == MAILED - LOCKED - {"token_recovered"}
    ticked = boxes(browser.get("/settings/notifications/").text)
    assert {kind for kind, (on, _) in ticked.items() if on} == LOCKED | {"token_recovered"}


def test_a_form_with_no_box_ticked_is_a_choice(browser_of, alice):
    browser_of(alice).post("/settings/notifications/", {})

    assert silenced_kinds(alice) == MAILED - LOCKED


def test_a_choice_is_ones_own(browser_of, alice, bob):
    choose_mails(bob, {Kind.TOKEN_EXPIRING: False})

    browser_of(alice).post("/settings/notifications/", dict.fromkeys(Kind, "on"))

    assert silenced_kinds(alice) == set()
    assert silenced_kinds(bob) == {"token_expiring"}


def test_the_account_leads_to_the_choice(browser_of, alice):
    assert 'href="/settings/notifications/"' in browser_of(alice).get("/settings/").text


def test_the_bell_says_how_long_ago(browser_of, alice):
    now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    NotificationFactory(user=alice, created_at=now - timedelta(hours=3))
    browser = browser_of(alice)

    with time_machine.travel(now, tick=False):
        page = browser.get("/organizations/new/")

    assert "3\xa0hours ago" in page.text
