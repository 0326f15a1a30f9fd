"""Verifying the token of an import, once, by whichever worker gets there first."""

import random
import uuid
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from bindings import checks
from bindings.checks import Check, Outcome, in_order
from bindings.inventory import repository_row
from bindings.platforms import open_azure
from bindings.providers.base import Connection, NoAnswer, Refused, Verdict
from bindings.verification import Findings, examine, identify, look_at
from core import leases
from core.leases import LEASE, Lease, LeaseLost
from core.secrets import SecretUnreadable
from onboarding.models import Import
from organizations import audit
from projects.estimating import start_estimate

logger = structlog.get_logger(__name__)

ATTEMPTS = 5
FIRST_DELAY = 5.0
NOT_WHAT_IS_PAID = Check(
    "organization",
    Outcome.FAIL,
    "This token is for another organization than the one that is paid for.",
    "Create a token in that one, and paste it here.",
)


class ImportLease(Lease[Import]):
    """The right to write to an import while it is verified."""

    def note(self, check: Check) -> None:
        """Add a check for the page that is watching, in place of an earlier answer to the same."""
        others = [each for each in self.row.checks if each["code"] != check.code]
        self.write(checks=[*others, check.as_dict()], leased_until=timezone.now() + LEASE)


def claim(import_id: uuid.UUID) -> Import | None:
    """Take an import that nobody works on. Of two workers, one gets None."""
    waiting = Import.objects.waiting_for_a_worker()
    return leases.claim(waiting, import_id, attempts=F("attempts") + 1, checks=[], verdict="")


def verify_import(import_id: uuid.UUID) -> float | None:
    """Verify, and record how it ended. Returns seconds to wait before another attempt."""
    import_ = claim(import_id)
    if import_ is None:  # done, abandoned, or in other hands
        return None
    with ImportLease(import_) as lease:
        try:
            return _verify_or_put_off(lease)
        except LeaseLost:
            logger.info("import_lease_lost", import_id=str(import_id))
            return None


def _verify_or_put_off(lease: ImportLease) -> float | None:
    try:
        # One that took its worker down each time is not given to a sixth one.
        if lease.row.attempts > ATTEMPTS:
            raise NoAnswer(Verdict.UNREADABLE_ANSWER)
        _verify_or_refuse(lease)
    except LeaseLost:
        raise
    except NoAnswer as silence:
        _log(lease, silence)
        return _put_off(lease, silence)
    except Exception:
        # A bug of ours, or an answer nobody thought of. It is reported, and must not keep the
        # person waiting for ever: it counts as one of the attempts.
        logger.exception("import_verification_broke", import_id=str(lease.row.pk))
        return _put_off(lease, NoAnswer(Verdict.UNREADABLE_ANSWER))
    return None


def _verify_or_refuse(lease: ImportLease) -> None:
    try:
        _verify(lease)
    except Refused as refusal:
        _log(lease, refusal)
        _finish(lease, refusal.verdict, may_go_on=False)
    except SecretUnreadable:
        logger.exception("import_secret_unreadable", import_id=str(lease.row.pk))
        lease.note(checks.secret_unreadable())
        _finish(lease, "", may_go_on=False, secret=None)


def _verify(lease: ImportLease) -> None:
    import_ = lease.row
    secret = import_.secret.reveal(import_)
    provider = open_azure(import_.external_name, secret)
    today = timezone.now().date()
    look_at(secret, expires_on=import_.token_expires_on, today=today, on_check=lease.note)
    connection = identify(provider, import_.external_name, on_check=lease.note)
    if import_.is_reserved and connection.external_id != import_.external_id:
        lease.note(NOT_WHAT_IS_PAID)
        _finish(lease, Verdict.HEALTHY, may_go_on=False, secret=None)
        return
    _note_connection(lease, connection)
    if import_.bound_elsewhere():
        _finish(lease, Verdict.HEALTHY, may_go_on=False, secret=None)
    else:
        _conclude(lease, examine(provider, connection, on_check=lease.note))


def _log(lease: ImportLease, said: Refused | NoAnswer) -> None:
    """With the platform's own name for the request, which its support asks for."""
    logger.info(
        "import_not_verified",
        import_id=str(lease.row.pk),
        verdict=said.verdict,
        activity_id=said.activity_id,
    )


def _note_connection(lease: ImportLease, connection: Connection) -> None:
    lease.write(
        external_id=connection.external_id,
        token_owner_id=connection.user_id,
        token_owner_name=(connection.user_name or connection.user_account)[:255],
    )


def _conclude(lease: ImportLease, findings: Findings) -> None:
    # Nothing was known before, and whoever imports sees a line for every check.
    if all(check["code"] != "access_level" for check in lease.row.checks):
        lease.note(checks.unanswered("access_level"))
    failed = any(check["outcome"] == "fail" for check in lease.row.checks)
    inventory = findings.inventory
    rows = [repository_row(found) for found in inventory.repositories] if inventory else []
    _finish(
        lease,
        findings.verdict,
        may_go_on=not failed,
        repositories=rows,
        repository_count=len(rows),
    )


@transaction.atomic(durable=True)
def _finish(lease: ImportLease, verdict: Verdict | str, *, may_go_on: bool, **values: Any) -> None:
    import_ = lease.row
    state = Import.State.READY if may_go_on else Import.State.REFUSED
    if may_go_on:
        values["estimate"] = start_estimate(values["repositories"])
    lease.write(
        state=state,
        verdict=verdict,
        checks=in_order(import_.checks),
        lease=None,
        leased_until=None,
        touched_at=timezone.now(),
        **values,
    )
    audit.record(
        None,
        "import.verified" if may_go_on else "import.refused",
        by=import_.user,
        import_id=str(import_.pk),
        verdict=verdict,
        external_name=import_.external_name,
    )


def _put_off(lease: ImportLease, silence: NoAnswer) -> float | None:
    """Nobody was judged: try again later, and after a while leave it to the person."""
    if lease.row.attempts >= ATTEMPTS:
        _finish(lease, silence.verdict, may_go_on=False)
        return None
    backoff = FIRST_DELAY * 2 ** (lease.row.attempts - 1) * random.uniform(1, 1.5)  # noqa: S311
    delay = max(backoff, silence.retry_after or 0)
    lease.write(
        verdict=silence.verdict,
        lease=None,
        leased_until=None,
        next_attempt_at=timezone.now() + timedelta(seconds=delay),
    )
    return delay
