"""The one place for what a person is told: here, and by mail a little later."""

import re
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat, Substr
from django.utils import timezone

from accounts.kinds import Kind, Severity
from accounts.models import (
    LOCAL_PATH,
    OUTSIDE_ADDRESS,
    Notification,
    NotificationPreference,
    User,
)

# So long a mail waits for others, so that a bad morning is one mail and not forty.
GATHERING = timedelta(seconds=60)
KEPT_WHEN_READ, KEPT_UNREAD = timedelta(days=400), timedelta(days=730)


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What to tell, and of what. Raises ValueError for what could not be shown.

    A person is told once for ever of a kind, subject and threshold. What may happen again,
    such as a token that fails a second time, has in `threshold` which time it is.

    `title` is the fact in one line and names the organization. `text` says in its first
    paragraph who must do what by when; an empty line starts another paragraph. The action
    leads to a path of ours, the link to an address outside.
    """

    kind: Kind
    subject: str
    threshold: str = ""
    severity: Severity
    title: str
    text: str
    action_label: str = ""
    action_path: str = ""
    link_label: str = ""
    link_url: str = ""
    urgent: bool = False

    def __post_init__(self) -> None:
        # Held by constraints too; but where rows that exist are ignored, SQLite ignores rows
        # that break one as well, and the notice would be lost without a word.
        _check_pair(self.action_label, self.action_path, LOCAL_PATH)
        _check_pair(self.link_label, self.link_url, OUTSIDE_ADDRESS)
        if not (self.title.strip() and self.text.strip()):
            raise ValueError("A notice needs a title and a text.")

    @property
    def must_be_mailed(self) -> bool:
        return self.kind.must_be_mailed(urgent=self.urgent)


def _check_pair(label: str, address: str, pattern: str) -> None:
    if bool(label) != bool(address) or (address and not re.match(pattern, address)):
        raise ValueError(f"{address!r} with the label {label!r} leads nowhere.")


def notify(
    users: Iterable[User],
    notice: Notice,
    *,
    own_link: tuple[str, Callable[[uuid.UUID], str]] | None = None,
) -> int:
    """Tell each of these people, in the caller's transaction. Returns how many are told now.

    Who was told before is not told again, however often, in however many workers and at
    whatever time this is called: the constraint on the row decides. `own_link` is a label, and
    what makes each person's own address outside from their id.
    """
    people = {user.pk for user in users}
    if own_link is None:
        return notify_each((pk, notice) for pk in people)
    label, address_of = own_link
    return notify_each(
        (pk, replace(notice, link_label=label, link_url=address_of(pk))) for pk in people
    )


def notify_each(told: Iterable[tuple[uuid.UUID, Notice]]) -> int:
    """Tell each person, by id, a notice of their own: as `notify`, at the cost of one notice."""
    # In order, so that two callers wait for each other, and never both.
    pairs = sorted(told, key=lambda each: (each[0], each[1].subject, each[1].threshold))
    silenced = _silenced(pairs)
    now = timezone.now()
    rows = [
        Notification(
            user_id=pk,
            created_at=now,
            must_be_mailed=notice.must_be_mailed,
            mail_due_at=None if _is_unmailed(pk, notice, silenced) else now + GATHERING,
            **_content(notice),
        )
        for pk, notice in pairs
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    return Notification.objects.filter(pk__in=[row.pk for row in rows]).count()


def _is_unmailed(pk: uuid.UUID, notice: Notice, silenced: set[tuple[uuid.UUID, Kind]]) -> bool:
    return not notice.kind.is_mailed or (pk, notice.kind) in silenced


def _content(notice: Notice) -> dict[str, Any]:
    content = asdict(notice)
    del content["urgent"]
    content["title"] = " ".join(notice.title.split())  # it becomes a line of a mail's head
    return content


def _silenced(pairs: Sequence[tuple[uuid.UUID, Notice]]) -> set[tuple[uuid.UUID, Kind]]:
    """Who does not want mails of what."""
    may_be = [(pk, notice.kind) for pk, notice in pairs if not notice.must_be_mailed]
    if not may_be:
        return set()
    people, kinds = zip(*may_be, strict=True)
    silent = NotificationPreference.objects.filter(
        user__in=set(people), kind__in=set(kinds), by_mail=False
    )
    return set(may_be) & set(silent.values_list("user_id", "kind"))


def withdraw(kind: Kind, subject: str, threshold: str | None = None) -> None:
    """Nobody needs to act on this any more: it counts as read, and no mail leaves for it.

    Of all thresholds, unless one is named.
    """
    told = Notification.objects.filter(kind=kind, subject=subject)
    if threshold is not None:
        told = told.filter(threshold=threshold)
    told.filter(mailed_at=None, mail_due_at__isnull=False).update(mail_due_at=None)
    told.unread().update(read_at=timezone.now())


def hand_on(kind: Kind, subject: str, *, to: str) -> None:
    """The same thing goes by another subject now: what was told of it can be withdrawn by that."""
    known = Notification.objects.filter(
        kind=kind, subject=to, user=OuterRef("user"), threshold=OuterRef("threshold")
    )
    told = Notification.objects.filter(kind=kind, subject=subject)
    told.exclude(Exists(known)).update(subject=to)


def repoint(users: QuerySet[User], old: str, new: str) -> None:
    """What they were told leads on, where it led to pages under `old`, to those under `new`."""
    told = Notification.objects.filter(user__in=users, action_path__startswith=old)
    told.update(action_path=Concat(Value(new), Substr("action_path", len(old) + 1)))


def mark_read(user: User, notification_id: uuid.UUID) -> None:
    """One that somebody else was told, or that is gone, stays as it is."""
    Notification.objects.unread().filter(user=user, pk=notification_id).update(
        read_at=timezone.now()
    )


def mark_all_read(user: User) -> int:
    """Returns how many were unread."""
    return Notification.objects.unread().filter(user=user).update(read_at=timezone.now())


def silenced_kinds(user: User) -> set[str]:
    """The kinds that this person does not want mails of."""
    silent = NotificationPreference.objects.filter(user=user, by_mail=False)
    return set(silent.values_list("kind", flat=True))


def choose_mails(user: User, choices: Mapping[Kind, bool]) -> None:
    """Which kinds to mail. Mails that wait to be sent go by it too."""
    NotificationPreference.objects.bulk_create(
        [NotificationPreference(user=user, kind=kind, by_mail=on) for kind, on in choices.items()],
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["by_mail"],
    )


def forget_old_notifications() -> int:
    """Delete what is more than 400 days old and read, or more than 730. Returns how many."""
    now = timezone.now()
    old = Notification.objects.filter(created_at__lt=now - KEPT_WHEN_READ)
    deleted, _ = old.filter(Q(read_at__isnull=False) | Q(created_at__lt=now - KEPT_UNREAD)).delete()
    return deleted
