"""What is paid, and can't be created before somebody pastes another token: said, and given back."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Notification
from accounts.tasks import send_mails
from billing.alarms import ALARMS
from billing.models import BillingAccount
from billing.tasks import sweep_operations
from onboarding.models import Import
from onboarding.tasks import settle_import, sweep_imports, watch_paid_imports
from organizations.models import AuditEvent, Organization
from sandbox.stripe.faults import StripeFault
from tests.factories import ImportFactory, UserFactory


def lose_the_token(import_, external_id):
    """Our copy can't be read any more."""
    secret = Import.objects.get(pk=ImportFactory(user=UserFactory()).pk).secret
    Import.objects.filter(pk=import_.pk).update(external_id=external_id, secret=secret)


def paste(purchase, organization, token):
    with purchase.committed():
        purchase.browser.post(
            purchase.page("token/"), {"organization": organization, "token": token}
        )


@pytest.fixture
def stranded(purchase, sandbox, time_machine):
    """Paid on a Thursday, without a trial, by an import whose token can't be read any more."""
    time_machine.move_to("2026-11-26T12:00:00Z", tick=True)
    lose_the_token(purchase.import_, sandbox.instance_id("contoso"))
    account = BillingAccount.objects.create(
        email="alice@example.com", name="Contoso", trial_used_at=timezone.now()
    )
    Import.objects.filter(pk=purchase.import_.pk).update(billing=account)
    purchase.comes_back(purchase.pays())
    return purchase


@pytest.fixture
def later(stranded, time_machine):
    """`later(days=7)`: the time goes by, and what looks at paid imports has looked."""

    def go(**time):
        time_machine.shift(timedelta(**time))
        with stranded.committed():
            watch_paid_imports()

    return go


def told(kind):
    return Notification.objects.filter(kind=kind)


def refunds(purchase):
    return [each["amount"] for each in purchase.stripe.all("refund")]


def test_who_has_paid_may_paste_another_token(stranded, sandbox):
    assert (stranded.state, stranded.import_.is_reserved) == ("refused", True)
    assert "You have paid" in stranded.browser.get(stranded.page("")).text

    paste(stranded, "contoso", sandbox.token("healthy"))

    assert stranded.state == "created"
    assert Organization.objects.get().binding.external_name == "contoso"


def test_no_other_organization_takes_the_place_of_what_is_paid(stranded, sandbox):
    paste(stranded, "fabrikam", sandbox.issue_token("fabrikam"))

    assert (stranded.state, stranded.import_.is_reserved) == ("refused", True)
    assert stranded.import_.external_id == sandbox.instance_id("contoso")
    assert "another organization than the one that is paid" in str(stranded.import_.checks)


def test_who_has_paid_is_told_what_to_do_until_when(stranded, alice):
    notice = told("import_stuck").get()

    assert (notice.user, notice.severity) == (alice, "danger")
    assert notice.title == "Contoso: it is paid, and needs another token"
    assert "by Thursday 3 December 2026" in notice.text
    assert notice.action_path == stranded.page("")
    page = stranded.browser.get(stranded.page("")).text
    assert "Thursday 3 December 2026" in page and "given back" in page


def test_it_is_mailed_whatever_was_chosen(stranded, alice, time_machine):
    time_machine.shift(timedelta(minutes=2))

    send_mails()

    assert "needs another token" in mail.outbox[-1].subject


def test_a_token_that_does_not_work_either_is_told_as_well(stranded, sandbox):
    paste(stranded, "contoso", sandbox.token("revoked"))

    assert (stranded.state, stranded.import_.is_reserved) == ("refused", True)
    assert told("import_stuck").count() == 1


def test_a_dead_token_of_who_paid_is_told_though_no_task_came(stranded):
    """The task that was to look at it was lost."""
    Import.objects.update(stuck_since=None)
    Notification.objects.all().delete()

    with stranded.committed():
        sweep_imports()

    assert told("import_stuck").count() == 1


def test_it_stays_where_unfinished_imports_are_listed(stranded):
    assert stranded.page("") in stranded.browser.get("/imports/new/").text


def test_staff_is_alarmed_after_an_hour(stranded, time_machine):
    (alarm,) = (each for each in ALARMS if each.name == "unopened")
    assert alarm.count() == 0

    stranded.stripe.advance(seconds=3700)
    time_machine.shift(timedelta(seconds=3700))

    assert list(alarm.rows()) == [BillingAccount.objects.get()]


def test_two_days_before_the_end_it_is_said_again(stranded, later):
    later(days=4)
    assert told("import_stuck").count() == 1

    later(days=1, hours=1)
    later(hours=1)

    assert told("import_stuck").count() == 2


def test_after_a_week_it_is_cancelled_and_given_back(stranded, later, alice):
    later(days=6)
    assert refunds(stranded) == []

    later(days=1, hours=1)

    assert refunds(stranded) == [8000]
    assert [each["status"] for each in stranded.stripe.all("subscription")] == ["canceled"]
    assert (stranded.state, stranded.import_.is_reserved) == ("refused", False)
    assert stranded.import_.paid_at is None
    notice = told("import_given_back").get()
    assert (notice.user, "given back" in notice.text) == (alice, True)
    assert not told("import_stuck").unread().exists()
    assert AuditEvent.objects.filter(action="import.given_back").count() == 1


def test_it_is_given_back_once(stranded, later):
    for _ in range(3):
        later(days=8)

    assert refunds(stranded) == [8000]
    assert told("import_given_back").count() == 1


def test_where_stripe_is_silent_it_is_given_back_later(stranded, later):
    stranded.stripe.fail_next(StripeFault.ERROR, 3)
    later(days=8)
    assert refunds(stranded) == []
    assert "being given back" in stranded.browser.get(stranded.page("")).text

    later(hours=1)
    with stranded.committed():
        sweep_operations()

    assert refunds(stranded) == [8000]


def test_a_token_that_comes_while_it_is_given_back_opens_nothing_unpaid(stranded, later, sandbox):
    stranded.stripe.fail_next(StripeFault.ERROR, 3)
    later(days=8)

    paste(stranded, "contoso", sandbox.token("healthy"))
    settle_import(import_id=str(stranded.import_.pk))
    assert not Organization.objects.exists()
    later(hours=1)
    with stranded.committed():
        sweep_operations()

    assert refunds(stranded) == [8000]
    assert (stranded.state, stranded.import_.is_reserved) == ("ready", False)


def test_a_token_in_time_ends_it(stranded, later, sandbox):
    later(days=6)
    paste(stranded, "contoso", sandbox.token("healthy"))

    later(days=3)

    assert stranded.state == "created"
    assert refunds(stranded) == []
    assert not told("import_stuck").unread().exists()
