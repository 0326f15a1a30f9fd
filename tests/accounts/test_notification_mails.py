"""What the mails say, to whom, and when there is none."""

import html
import re

import pytest
from django.test import Client

from accounts.kinds import Kind
from accounts.notifications import choose_mails, notify, withdraw
from accounts.tasks import send_mails
from tests.accounts.notices import due, later, message_id, notice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("post")]


def send_a_minute_later():
    with later(seconds=61):
        send_mails()


def test_one_thing_is_one_mail_a_minute_later(post, alice):
    notify([alice], notice())

    send_mails()
    assert post.mail == []
    send_a_minute_later()
    send_a_minute_later()

    [mail] = post.mail
    assert mail.to == ("alice@example.com",)
    assert mail.subject == "Contoso's token expires in 30 days"
    assert mail.text.startswith("Replace the token of Contoso by Thursday 24 December 2026.\n")
    [row] = alice.notifications.all()
    assert message_id(mail) == f"<{row.pk}@localhost>"
    assert row.mailed_at is not None
    assert row.mail_lease is row.mail_leased_until is None


def test_two_things_are_two_mails_and_three_are_one(post, alice, bob):
    due(alice, 2)
    due(bob, 3)

    send_mails()

    assert sorted(mail.to[0] for mail in post.mail) == [alice.email, alice.email, bob.email]


def test_a_digest_has_the_gravest_first_and_all_of_it(post, alice):
    for number, severity in enumerate(["good", "warning", "danger", "info", "warning"]):
        due(alice, severity=severity, title=f"Fact {number}", text=f"Do {number}.\n\nWhy {number}.")

    send_mails()

    [mail] = post.mail
    assert mail.subject == "5 things need you: Fact 2"
    assert mail.text.startswith("5 things need you, the gravest first.\n")
    assert re.findall(r"^\d\. (.*)$", mail.text, re.MULTILINE) == [
        "Act now: Fact 2",
        "Act soon: Fact 1",
        "Act soon: Fact 4",
        "To know: Fact 3",
        "Good news: Fact 0",
    ]
    for number in range(5):
        assert f"Do {number}." in mail.text and f"Why {number}." in mail.text
    assert mail.text.count("Replace token: http://localhost:8000/settings/") == 5


def test_three_pieces_of_good_news_need_nobody(post, alice):
    due(alice, 3, severity="good", title="Contoso's token works again")

    send_mails()

    assert post.mail[0].subject == "3 things to know: Contoso's token works again"


def test_what_was_told_just_now_goes_along(post, alice):
    due(alice, 2)
    notify([alice], notice())

    send_mails()

    assert [mail.subject[:8] for mail in post.mail] == ["3 things"]


def words(text):
    return re.findall(r"\S+", html.unescape(text))


def as_text(page):
    """An HTML mail as its text should be: each link's words, and behind them its address."""
    body = page[page.index('<p class="first">') :]
    linked = re.sub(r'<a (?:class="button" )?href="([^"]*)">(.*?)</a>', r"\2: \1", body)
    return re.sub(r"<[^>]+>", " ", linked)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("locked", [True, False])
def test_text_and_html_say_the_same(post, alice, count, locked):
    link = {"link_label": "Tokens & keys", "link_url": "https://dev.azure.com/a?b=1&c=2"}
    texts = {
        "title": "<Contoso> & sons' token",
        "text": "Do it\nnow, you & me.\n\n<Later> it ends.",
    }
    due(alice, count, must_be_mailed=locked, **link, **texts)

    send_mails()

    [mail] = post.mail
    assert words(as_text(mail.html)) == words(mail.text.replace("-- \nMooring\n", ""))
    assert "<Contoso>" not in mail.html
    assert mail.html.count('class="button"') == 1


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("path", ["/organizations/new/", ""])
def test_every_link_is_absolute_and_leads_somewhere(post, alice, count, path):
    label = "Go on" if path else ""
    due(alice, count, action_path=path, action_label=label)
    browser = Client()
    browser.force_login(alice)

    send_mails()

    [mail] = post.mail
    links = set(re.findall(r'href="([^"]*)"', mail.html))
    assert links == set(re.findall(r"https?://\S+", mail.text))
    assert len(links) >= 2
    for link in links:
        assert link.startswith("http://localhost:8000/")
        assert browser.get(link.removeprefix("http://localhost:8000")).status_code == 200


def test_a_mail_says_why_one_gets_it_and_where_to_change_it(post, alice):
    due(alice)
    due(alice, kind="token_failing", must_be_mailed=True, severity="danger")

    send_mails()

    locked, free = sorted(post.mail, key=lambda mail: "can't be switched off" not in mail.text)
    assert "“A token stopped working”: This kind can't be switched off: nothing is" in locked.text
    assert "can't be switched off" not in free.text
    for mail in (locked, free):
        assert "You get this because you look after what it is about." in mail.text
        assert "http://localhost:8000/settings/notifications/" in mail.text


def test_what_is_switched_off_in_between_is_not_mailed(post, alice):
    due(alice)
    due(alice, kind="token_failing", must_be_mailed=True, title="Contoso's token stopped working")
    due(alice, kind="token_expiring", must_be_mailed=True, title="Contoso's token expires today")

    choose_mails(alice, {Kind.TOKEN_EXPIRING: False})
    send_mails()

    assert sorted(mail.subject for mail in post.mail) == [
        "Contoso's token expires today",
        "Contoso's token stopped working",
    ]
    assert alice.notifications.get(must_be_mailed=False).mail_due_at is None


def test_what_is_withdrawn_in_between_is_not_mailed(post, alice):
    notify([alice], notice())
    withdraw(Kind.TOKEN_EXPIRING, "token-1")

    send_a_minute_later()

    assert post.mail == []


def test_an_account_that_is_no_longer_in_use_gets_no_mail(post, alice):
    due(alice, must_be_mailed=True)
    alice.is_active = False
    alice.save()

    send_mails()

    assert post.mail == []
    assert not alice.notifications.to_be_mailed().exists()
