"""Whom people write to when something is wrong."""

from django.core import mail

from accounts.deleting import delete_account


def test_every_page_says_where_to_write(client, settings, db):
    settings.SUPPORT_CONTACT = "help@example.com"

    for page in ("/account/login/", "/plans/", "/nothing/"):
        assert '<a href="mailto:help@example.com">Write to support</a>' in client.get(page).text


def test_a_mail_is_answered_to_support(bob, committed, settings):
    settings.SUPPORT_CONTACT = "help@example.com"

    with committed():
        delete_account(bob)

    (told,) = mail.outbox
    assert told.reply_to == ["help@example.com"]
