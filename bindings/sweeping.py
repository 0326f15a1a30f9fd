"""Looking at the tokens that are due: claim some, ask the platform, write down what it said.

Whoever claims has the tokens until the lease runs out; a worker that dies loses them to the
next one. Nothing is written for a token that was taken over meanwhile, and what can't be begun
soon is given back before that happens. So is what we could not ask because Redis, where turns
are counted, went away: that is no answer of the platform's, and the sweep ends. No transaction
is open while the platform is asked.
"""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from redis.exceptions import RedisError

from bindings import concluding, incidents
from bindings.judging import Look
from bindings.models import (
    LONGEST_LEASE,
    URGENT,
    DevOpsBinding,
    PersonalAccessToken,
    PersonalAccessTokenQuerySet,
    Repository,
)
from bindings.platforms import open_azure
from bindings.probing import Answer, Question, Subject, look
from bindings.providers.base import RemoteRepository, Verdict
from bindings.verdicts import ABOUT_THE_TOKEN
from core.secrets import SecretUnreadable

logger = structlog.get_logger(__name__)

Slot = PersonalAccessToken.Slot

LEASE = timedelta(minutes=3)
BATCH = 64
AT_ONCE = 8
# In seconds. What waited for a thread for so long since it was claimed is given back, which is
# looked after so often; the rest of the lease is for the look itself.
LONGEST_WAIT = 60.0
LOOKED_AFTER = 5.0
# In seconds as well. A batch that takes longer has no place for a second one behind it.
SLOW = 8.0
# So many are concluded in one transaction, if they are answered within so many seconds.
TOGETHER = 32
MOMENT = 0.05
# Every so many looks, what is usually not allowed is asked again.
NOW_AND_THEN = 8


def sweep(*, seconds: float) -> int:
    """Look at what is due, batch by batch, for about so long. Returns how many were looked at."""
    until, done, is_slow = time.monotonic() + seconds, 0, False
    with ThreadPoolExecutor(AT_ONCE) as pool:
        looks = _Looks(pool)
        while time.monotonic() < until and not looks.are_cut_off:
            if not (batch := claim(AT_ONCE if is_slow else BATCH)):
                break
            began = time.monotonic()
            looks.begin(batch)
            # The next batch comes while the last of this one are still looked at.
            done += looks.conclude(until_left=0 if is_slow else AT_ONCE + TOGETHER)
            is_slow = time.monotonic() - began > SLOW
        return done + looks.conclude(until_left=0)


def claim(count: int) -> list[PersonalAccessToken]:
    """Take tokens that are due, the longest overdue first. Of two workers, one gets each."""
    now, lease = timezone.now(), uuid.uuid4()
    due = PersonalAccessToken.objects.due(now)
    ids = _first_of(due, count)
    if not ids:
        return []
    # By their ids as well, because a lease is in no index.
    taken = PersonalAccessToken.objects.filter(pk__in=ids, lease=lease)
    # One that took its worker down is left alone for longer each time.
    with transaction.atomic():
        due.filter(pk__in=ids).update(
            lease=lease, leased_until=now + LEASE, attempts=F("attempts") + 1
        )
        taken.filter(attempts__gt=2).update(leased_until=now + LONGEST_LEASE)
    return list(taken.select_related("binding"))


def _first_of(due: PersonalAccessTokenQuerySet, count: int) -> list[uuid.UUID]:
    """A backlog makes nobody wait who asked, or whose token failed; nor do they hold it up."""
    ordered = due.order_by("next_check_at").values_list("pk", flat=True)
    urgent = list(ordered.filter(URGENT)[: count * 3 // 4])
    return urgent + list(ordered.exclude(pk__in=urgent)[: count - len(urgent)])


def _give_back(tokens: list[PersonalAccessToken]) -> None:
    """Another sweep gets them at once. Nothing came of this attempt, so it is not counted."""
    ids, leases = [each.pk for each in tokens], {each.lease for each in tokens}
    PersonalAccessToken.objects.filter(pk__in=ids, lease__in=leases).update(
        lease=None, leased_until=None, attempts=F("attempts") - 1
    )


@dataclass(frozen=True)
class _Asked:
    """What was handed to the threads. `begin_by`: until when one of them has to take it up."""

    token: PersonalAccessToken
    doubtful: bool
    begin_by: float


class _Looks:
    """Those under way. They are concluded on the thread that holds the database connection."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._asked: dict[Future[Answer], _Asked] = {}
        self._answered: SimpleQueue[Future[Answer]] = SimpleQueue()
        # From when on Redis was away, and none is begun.
        self.are_cut_off = False

    def begin(self, batch: list[PersonalAccessToken]) -> None:
        begin_by = time.monotonic() + LONGEST_WAIT
        # Before what we doubt is believed.
        if any(token.suspect for token in batch):
            incidents.watch()
        doubtful = incidents.is_open()
        for token, subject in _subjects(batch):
            future = self._pool.submit(_ask, subject)
            self._asked[future] = _Asked(token, doubtful, begin_by)
            future.add_done_callback(self._answered.put)

    def conclude(self, *, until_left: int) -> int:
        """Returns how many were looked at."""
        done = 0
        while len(self._asked) > until_left:
            self._cancel_late()
            found = self._next_few()
            unheard = [each for each in found if self._is_unheard(each)]
            looks = [self._look_of(each) for each in found if each not in unheard]
            if unheard:
                _give_back([self._asked.pop(each).token for each in unheard])
            if looks:
                _conclude(looks)
            done += len(looks)
        return done

    def _cancel_late(self) -> None:
        """Only what no thread has begun can be cancelled."""
        now = time.monotonic()
        for future, asked in self._asked.items():
            if self.are_cut_off or asked.begin_by <= now:
                future.cancel()

    def _next_few(self) -> list[Future[Answer]]:
        """One that is over, and those that are within a moment; none where it takes long."""
        found: list[Future[Answer]] = []
        with suppress(Empty):
            found.append(self._answered.get(timeout=LOOKED_AFTER))
            until = time.monotonic() + MOMENT
            while len(found) < min(TOGETHER, len(self._asked)):
                left = max(0.0, until - time.monotonic())
                found.append(self._answered.get(timeout=left))
        return found

    def _is_unheard(self, future: Future[Answer]) -> bool:
        """It was not begun, or trouble of our own kept it from being answered."""
        if future.cancelled():
            return True
        trouble = future.exception()
        if not isinstance(trouble, RedisError):
            return False
        if not self.are_cut_off:
            logger.error("sweep_cut_off", exc_info=trouble)
        self.are_cut_off = True
        return True

    def _look_of(self, future: Future[Answer]) -> Look:
        asked = self._asked.pop(future)
        try:
            return Look(asked.token, future.result(), asked.doubtful)
        except Exception:
            return _not_understood(asked.token, asked.doubtful)


def _ask(subject: Subject) -> Answer:
    return look(open_azure(subject.name, subject.secret, patient=False), subject)


def _conclude(looks: list[Look]) -> None:
    """In one transaction, which costs little more than that of a single look."""
    # Of two about one binding, the one that was answered first comes first.
    together = {each.claimed.binding_id: each for each in reversed(looks)}
    alone = [each for each in looks if together[each.claimed.binding_id] is not each]
    try:
        concluding.conclude(list(together.values()))
    except Exception:
        logger.exception("tokens_not_concluded_together")
        alone = looks
    for each in alone:
        _conclude_alone(each)


def _conclude_alone(look: Look) -> None:
    try:
        concluding.conclude([look])
    except Exception:
        concluding.conclude([_not_understood(look.claimed, look.doubtful)])


def _not_understood(token: PersonalAccessToken, doubtful: bool) -> Look:
    """A bug of ours, or an answer nobody thought of: reported, and no verdict on the token.
    The others are none the worse for it.
    """
    logger.exception("token_not_verified", token_id=str(token.pk))
    return Look(token, Answer(Verdict.UNREADABLE_ANSWER), doubtful)


def _subjects(batch: list[PersonalAccessToken]) -> Iterator[tuple[PersonalAccessToken, Subject]]:
    repositories = _some_repositories(batch)
    owners = _owners_of_current([t for t in batch if t.slot == Slot.NEXT])
    for token in batch:
        owner = owners.get(token.binding_id) if token.slot == Slot.NEXT else token
        try:
            subject = subject_of(token, repositories.get(token.binding_id), owner)
        except SecretUnreadable:
            logger.exception("token_secret_unreadable", token_id=str(token.pk))
            concluding.note_unreadable(token)
        else:
            yield token, subject


def subject_of(
    token: PersonalAccessToken, repository: Repository | None, owner: PersonalAccessToken | None
) -> Subject:
    """What is asked about a token. `owner` is the one whose account it should speak for."""
    binding, declared = token.binding, token.is_expiry_declared
    compares = owner is not None and not token.accepts_differences
    return Subject(
        secret=token.secret.reveal(token),
        # Of a replacement, the name it was given for; later the binding's own may have changed.
        name=(token.external_name if token.slot == Slot.NEXT else "") or binding.external_name,
        bound_name=binding.external_name,
        external_id=binding.external_id,
        owner_id=owner.owner_id if owner and compares else "",
        owner_name=owner.owner_name if owner else "",
        declared_expiry=token.expires_on if declared else None,
        latest_expiry=None if declared else token.expires_on,
        repository=_as_remote(repository) if repository else None,
        question=question_for(token),
        everything=token.wants_everything,
    )


def question_for(token: PersonalAccessToken) -> Question:
    """They take turns; what the token may not ask comes up now and then. Of one that is refused
    or in doubt nothing tells as much as whether it may write, for that may be what is refused.
    """
    if token.suspect or token.verdict in ABOUT_THE_TOKEN:
        return Question.WRITE
    turn = token.questions
    may_ask = any(
        check["code"] == "access_level" and check["outcome"] != "unknown" for check in token.checks
    )
    if token.is_global is None and turn % NOW_AND_THEN == 1:
        return Question.REACH
    if turn % (2 if may_ask else NOW_AND_THEN) == 0:
        return Question.ACCESS
    return Question.WRITE


def _some_repositories(batch: list[PersonalAccessToken]) -> dict[Any, Repository]:
    """One repository of each binding whose branch can be asked for, however many there are."""
    usable = Repository.objects.filter(
        binding=OuterRef("pk"), vanished_at=None, is_disabled=False
    ).exclude(default_branch="")
    first = usable.order_by("external_id").values("pk")[:1]
    bindings = DevOpsBinding.objects.filter(pk__in={token.binding_id for token in batch})
    found = Repository.objects.filter(pk__in=bindings.values(first=Subquery(first)))
    return {each.binding_id: each for each in found}


def _owners_of_current(batch: list[PersonalAccessToken]) -> dict[Any, PersonalAccessToken]:
    if not batch:
        return {}
    current = PersonalAccessToken.objects.in_use().defer("secret")
    found = current.filter(binding__in={token.binding_id for token in batch})
    return {token.binding_id: token for token in found}


def _as_remote(row: Repository) -> RemoteRepository:
    return RemoteRepository(
        external_id=row.external_id,
        name=row.name,
        project_id=row.project_id,
        project_name=row.project_name,
        is_public=row.is_public,
        default_branch=row.default_branch,
        size=row.size,
        is_disabled=row.is_disabled,
        web_url=row.web_url,
    )
