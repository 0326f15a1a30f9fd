"""A ciphertext that did not open is tried again: the key may have come back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Notification
from bindings import told, unreadable
from bindings.models import PersonalAccessToken
from tests.factories import BindingFactory, OrganizationFactory, TokenFactory

pytestmark = pytest.mark.django_db

WRONG = "a key that is long enough and the wrong one"


@pytest.fixture
def token(alice):
    binding = BindingFactory(organization=OrganizationFactory(owner=alice))
    token = TokenFactory(binding=binding, unreadable_since=timezone.now())
    told.of_unreadable(token)
    return token


def is_marked(token):
    return PersonalAccessToken.objects.get(pk=token.pk).unreadable_since is not None


def test_it_is_watched_again_once_it_opens_and_the_alarm_is_taken_back(token):
    assert (unreadable.recover(), unreadable.recover()) == (1, 0)

    assert PersonalAccessToken.objects.due(timezone.now()).get() == token
    notice = Notification.objects.get()
    assert (notice.read_at is None, notice.mail_due_at) == (False, None)


def test_it_stays_marked_while_the_key_is_away(token, settings):
    settings.FERNET_KEYS = [WRONG]

    assert unreadable.recover() == 0

    assert is_marked(token)
    assert Notification.objects.get().read_at is None


def test_what_azure_devops_refused_before_stays_said(token):
    token.verdict = "token_revoked_or_expired"
    token.verdict_since = timezone.now() - timedelta(days=1)
    told.of_failure(token)

    unreadable.recover()

    assert "Azure DevOps refuses" in Notification.objects.get(read_at=None).title


def test_the_alarm_promises_nothing_that_is_not_done(token):
    assert "support" not in Notification.objects.get().text


def test_many_are_gone_through_a_page_at_a_time(token, monkeypatch):
    monkeypatch.setattr(unreadable, "PAGE", 2)
    TokenFactory.create_batch(4, unreadable_since=timezone.now())

    assert unreadable.recover() == 5
