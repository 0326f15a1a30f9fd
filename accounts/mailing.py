"""Mailing what people are told: one mail for one thing, one digest for many, and each once."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Min, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.kinds import Severity
from accounts.models import Notification, NotificationPreference, NotificationQuerySet, User

logger = structlog.get_logger(__name__)

# Longer than a mail server may take for all its answers together; see EMAIL_TIMEOUT.
LEASE = timedelta(minutes=5)
DIGEST_FROM = 3
PEOPLE_AT_ONCE = 200
# So many in a row are no wrong addresses: the mail server is down, and the others can wait.
FAILURES_IN_A_ROW = 5
FIRST_DELAY, LONGEST_DELAY = timedelta(minutes=1), timedelta(hours=6)
# Past both a mail is given up. What is fresh is kept, however long a mail server is down.
MOST_ATTEMPTS, LONGEST_WAIT = 10, timedelta(days=7)


def send_due_mails() -> None:
    """Send what is due, person by person. In two workers at once, each sends some of it."""
    failures = 0
    for user_id in _people_with_due_mail():
        failures = 0 if _send_to(user_id) else failures + 1
        if failures == FAILURES_IN_A_ROW:
            logger.error("mails_stopped", failures=failures)
            return


def _people_with_due_mail() -> list[uuid.UUID]:
    """Who has waited longest comes first."""
    due = Notification.objects.to_be_mailed().filter(mail_due_at__lte=timezone.now())
    people = due.values("user_id").annotate(since=Min("mail_due_at")).order_by("since")
    return list(people.values_list("user_id", flat=True)[:PEOPLE_AT_ONCE])


def _send_to(user_id: uuid.UUID) -> bool:
    """Send a person their mails, and note each one as it is sent. False if that failed."""
    _drop_unwanted(user_id)
    lease = uuid.uuid4()
    try:
        for letter in _letters(_claim(user_id, lease)):
            letter.message().send()
            _note_sent(letter, lease)
    except OSError as failure:  # as all errors of smtplib are; their words may hold addresses
        _put_off(user_id, lease)
        logger.warning("mail_put_off", user_id=str(user_id), failure=type(failure).__name__)
        return False
    except Exception:
        # A bug of ours must keep the mail of one person, and not that of all behind them.
        _put_off(user_id, lease)
        logger.exception("mail_broke", user_id=str(user_id))
        return False
    return True


def _drop_unwanted(user_id: uuid.UUID) -> None:
    """What they have switched off since, and all for an account that is no longer in use."""
    silent = NotificationPreference.objects.filter(user=user_id, by_mail=False)
    unwanted = Q(must_be_mailed=False, kind__in=silent.values("kind"))
    mine = Notification.objects.to_be_mailed().filter(user=user_id)
    mine.filter(unwanted | Q(user__is_active=False)).update(mail_due_at=None)


def _claim(user_id: uuid.UUID, lease: uuid.UUID) -> list[Notification]:
    """Take all that waits for a person, also what was told just now. Of two workers, one does.

    What a dead worker had in hand is taken alone, because it may have been sent: the same
    notifications make the same mail again, under the same Message-ID.
    """
    waiting = Notification.objects.to_be_mailed().filter(user=user_id)
    left = waiting.exclude(mail_lease=None).order_by("mail_leased_until")
    waiting.filter(mail_lease=left.values_list("mail_lease", flat=True).first()).update(
        mail_lease=lease,
        mail_leased_until=timezone.now() + LEASE,
        mail_attempts=F("mail_attempts") + 1,
    )
    mine = _held(user_id, lease).select_related("user").order_by("created_at", "id")
    return sorted(mine, key=lambda each: Severity(each.severity).rank)


def _held(user_id: uuid.UUID, lease: uuid.UUID) -> NotificationQuerySet:
    return Notification.objects.filter(user=user_id, mail_lease=lease)


def _put_off(user_id: uuid.UUID, lease: uuid.UUID) -> None:
    """Try again later, and each time a longer while later, but not for ever."""
    _give_up(user_id, lease)
    mine = _held(user_id, lease)
    attempts = max(mine.values_list("mail_attempts", flat=True), default=1)
    delay = min(FIRST_DELAY * 2 ** min(attempts - 1, 10), LONGEST_DELAY)
    mine.update(mail_lease=None, mail_leased_until=None, mail_due_at=timezone.now() + delay)


def _give_up(user_id: uuid.UUID, lease: uuid.UUID) -> None:
    """An address may be refused for good. What was told stays behind the bell."""
    hopeless = _held(user_id, lease).filter(
        mail_attempts__gte=MOST_ATTEMPTS, created_at__lt=timezone.now() - LONGEST_WAIT
    )
    count = hopeless.update(mail_lease=None, mail_leased_until=None, mail_due_at=None)
    if count:
        logger.warning("mail_given_up", user_id=str(user_id), count=count)
        User.objects.filter(pk=user_id, mail_failing_since=None).update(
            mail_failing_since=timezone.now()
        )


def _note_sent(letter: "Letter", lease: uuid.UUID) -> None:
    sent = Notification.objects.filter(pk__in=letter.ids, mail_lease=lease)
    sent.update(mailed_at=timezone.now(), mail_lease=None, mail_leased_until=None)
    if (user := letter.told[0].user).mail_failing_since:
        User.objects.filter(pk=user.pk).update(mail_failing_since=None)


def _letters(told: list[Notification]) -> Iterator["Letter"]:
    if len(told) >= DIGEST_FROM:
        yield Letter("digest", told)
    else:
        for each in told:
            yield Letter("one", [each])


@dataclass(frozen=True)
class Letter:
    """A mail of one notification or of many, the gravest first."""

    template: str
    told: list[Notification]

    @property
    def ids(self) -> list[uuid.UUID]:
        return [each.pk for each in self.told]

    @property
    def message_id(self) -> str:
        """The same for the same notifications, so that a repeat is recognised as one."""
        first, *others = sorted(map(str, self.ids))
        name = uuid.uuid5(uuid.UUID(first), " ".join(others)) if others else first
        return f"<{name}@{urlsplit(settings.SITE_URL).hostname}>"

    def message(self) -> EmailMultiAlternatives:
        context = self._context()
        subject = self._render("_subject.txt", context)
        message = EmailMultiAlternatives(
            " ".join(subject.split()),
            self._render(".txt", context),
            to=[self.told[0].user.email],
            headers={"Message-ID": self.message_id, "Auto-Submitted": "auto-generated"},
        )
        message.attach_alternative(self._render(".html", context), "text/html")
        return message

    def _render(self, ending: str, context: dict[str, Any]) -> str:
        return render_to_string(f"emails/notification/{self.template}{ending}", context)

    def _context(self) -> dict[str, Any]:
        site = settings.SITE_URL.rstrip("/")
        return {
            "site": site,
            "told": self.told,
            "first": self.told[0],
            "needs_somebody": Severity(self.told[0].severity).needs_somebody,
            "locked": {each.kind: each for each in self.told if each.must_be_mailed}.values(),
            "here": f"{site}{reverse('notifications:list')}",
            "preferences": f"{site}{reverse('accounts:notifications')}",
        }
