"""What a person does on the way from a token to an organization."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from billing.errors import PriceNotSold
from billing.models import CatalogPrice, Plan
from billing.prices import price_named
from bindings import expiry
from bindings.providers.azure_names import parse_organization
from bindings.providers.azure_tokens import check_token
from core.limits import is_within
from core.queue import queue_on_commit
from onboarding import creating, tasks, wiping
from onboarding.creating import change, lock
from onboarding.errors import (
    CheckoutOpen,
    ImportOver,
    NotReady,
    PaidAlready,
    PlanByContact,
    TokenGone,
    TooManyVerifications,
)
from onboarding.models import Import
from onboarding.paying import begin_payment, reopen_import
from onboarding.reserving import free_keys, key_problem
from organizations import audit
from organizations.errors import KeyMalformed, KeyTaken
from organizations.keys import problem_with_key
from organizations.models import Organization
from projects.estimating import cancel_estimate, start_estimate

# By one person within an hour.
MOST_VERIFICATIONS = 60


def start_import(
    *, organization: str, token: str, token_expires_on: date | None = None, by: User
) -> Import:
    """Keep what was pasted, and have it verified soon. Nothing malformed gets this far.

    The same paste within a minute is the same import: somebody pressed twice.
    """
    values = _read(organization, token, token_expires_on)
    _count_verification(by)
    return _start(values, by=by)


@transaction.atomic
def _start(values: dict[str, Any], *, by: User) -> Import:
    # Locked, so that of two at once the second one finds the first.
    User.objects.select_for_update().get(pk=by.pk)
    if twin := _just_started(values, by=by):
        return twin
    import_ = Import(user=by, **values)
    import_.save(force_insert=True)
    audit.record(
        None,
        "import.started",
        by=by,
        import_id=str(import_.pk),
        external_name=import_.external_name,
    )
    queue_on_commit(tasks.verify_import, import_id=str(import_.pk))
    return import_


def _just_started(values: dict[str, Any], *, by: User) -> Import | None:
    a_minute_ago = timezone.now() - timedelta(minutes=1)
    recent = Import.objects.unfinished().filter(
        user=by,
        external_name=values["external_name"],
        last_four=values["last_four"],
        started_at__gt=a_minute_ago,
    )
    same = (each for each in recent if each.secret and each.secret.reveal(each) == values["secret"])
    return next(same, None)


def _count_verification(by: User) -> None:
    """Who has stolen tokens shall not sort them here. Counted outside any transaction."""
    if not is_within(MOST_VERIFICATIONS, what="verifications", who=str(by.pk)):
        raise TooManyVerifications


def replace_token(
    import_: Import,
    *,
    organization: str,
    token: str,
    token_expires_on: date | None = None,
    by: User,
) -> None:
    """Try another token, or another organization, without losing what else was typed."""
    values = _read(organization, token, token_expires_on)
    _count_verification(by)
    _replace(import_, values, by=by)


@transaction.atomic
def _replace(import_: Import, values: dict[str, Any], *, by: User) -> None:
    locked = lock(import_)
    if locked.state in (Import.State.CREATED, Import.State.EXPIRED):
        raise ImportOver
    if locked.is_being_paid:
        raise CheckoutOpen
    _queue(locked, values, by=by)


def check_again(import_: Import, *, by: User) -> None:
    """Verify the same token once more. Asking while it is being verified changes nothing."""
    _count_verification(by)
    _check_again(import_, by=by)


@transaction.atomic
def _check_again(import_: Import, *, by: User) -> None:
    locked = lock(import_)
    if locked.is_checking:
        return
    if locked.is_being_paid:
        raise CheckoutOpen
    if locked.state not in Import.WAITING_FOR_A_PERSON:
        raise ImportOver
    if locked.secret is None:
        raise TokenGone
    _queue(locked, {}, by=by)


def _queue(import_: Import, values: dict[str, Any], *, by: User) -> None:
    now = timezone.now()
    fresh = {
        "state": Import.State.CHECKING,
        "attempts": 0,
        "lease": None,
        "leased_until": None,
        "next_attempt_at": now,
        "touched_at": now,
        "verdict": "",
        "checks": [],
        # What was paid for stays what it is; another organization's token is refused.
        "external_id": import_.external_id if import_.is_reserved else "",
        "repositories": [],
        "repository_count": 0,
        "estimate": None,
    }
    wiping.forget_estimate(import_)
    for name, value in {**fresh, **values}.items():
        setattr(import_, name, value)
    import_.save(update_fields=[*fresh, *values])
    audit.record(None, "import.checked_again", by=by, import_id=str(import_.pk))
    queue_on_commit(tasks.verify_import, import_id=str(import_.pk))


@transaction.atomic
def save_details(import_: Import, *, by: User, **details: Any) -> None:
    """Keep name, key, description, URL and avatar. The key is promised to nobody yet."""
    locked = _lock_ready(import_)
    if locked is None:
        return
    if problem := problem_with_key(details["key"]):
        raise KeyMalformed(problem)
    if key_problem(details["key"]):
        raise KeyTaken(suggestions=free_keys(details["key"]))
    change(locked, **details, has_details=True)


@transaction.atomic
def choose_plan(import_: Import, *, plan: str, lookup_key: str = "", by: User) -> None:
    """Choose Free, or Team at the price with that lookup key. Nothing is bought by that.

    Raises PriceNotSold for a price that is not in the catalogue now, whoever offered it.
    """
    locked = _lock_ready(import_)
    if locked is None:
        return
    if plan == Plan.ENTERPRISE:
        raise PlanByContact
    if plan != Plan.FREE and price_named(lookup_key).plan != plan:
        raise PriceNotSold
    bought = lookup_key if plan == Plan.TEAM else ""
    change(locked, has_plan=True, plan=plan, lookup_key=bought)


def stop_estimate(import_: Import, *, by: User) -> None:
    """Count no further. What was counted stays to be seen."""
    if import_.estimate_id and cancel_estimate(import_.estimate_id):
        audit.record(None, "estimate.stopped", by=by, import_id=str(import_.pk))


@transaction.atomic
def estimate_again(import_: Import, *, by: User) -> None:
    """Count once more what was stopped."""
    locked = _lock_ready(import_)
    if locked is None or (locked.estimate and locked.estimate.is_counting):
        return
    wiping.forget_estimate(locked)
    change(locked, estimate=start_estimate(locked.repositories))
    audit.record(None, "estimate.started", by=by, import_id=str(locked.pk))
    queue_on_commit(tasks.begin_import, import_id=str(locked.pk))
    queue_on_commit(tasks.order_for_import, import_id=str(locked.pk))


def create_at_once(import_: Import, *, by: User, **details: Any) -> Organization:
    """Details, Free plan and creation in one go, as a program asks for it.

    Asking twice, or twice at once, gives the same organization.
    """
    save_details(import_, by=by, **details)
    choose_plan(import_, plan=Plan.FREE, by=by)
    return finish_import(import_, by=by)


def pay_at_once(import_: Import, *, price: CatalogPrice, by: User, **details: Any) -> None:
    """Details, plan and checkout in one go. Asking twice for the same price is the same checkout,
    and asking for another one ends the first.
    """
    if import_.state == Import.State.CREATED:
        return
    if not import_.is_reserved or import_.lookup_key != price.lookup_key:
        reopen_import(import_)
        save_details(import_, by=by, **details)
        choose_plan(import_, plan=price.plan, lookup_key=price.lookup_key, by=by)
    begin_payment(import_, by=by)


def _lock_ready(import_: Import) -> Import | None:
    """None where the organization was created in the meantime: nothing is left to say about it."""
    locked = lock(import_)
    if locked.state == Import.State.CREATED:
        return None
    if locked.is_reserved:
        raise PaidAlready if locked.paid_at else CheckoutOpen
    if not locked.is_ready:
        raise NotReady
    return locked


def finish_import(import_: Import, *, by: User) -> Organization:
    """Create the organization and bind it. Finishing twice gives the same organization.

    Raises AlreadyImported when somebody else was first with this external organization;
    the import then shows the ways that are left.
    """
    return creating.create(import_, by=by)


def abandon_import(import_: Import, *, by: User) -> bool:
    """Stop, and wipe the token at once. False where it had ended already. Raises PaidAlready."""
    reopen_import(import_)
    return bool(wiping.expire(Import.objects.filter(pk=import_.pk), by=by))


def _read(organization: str, token: str, token_expires_on: date | None) -> dict[str, Any]:
    name, secret = parse_organization(organization), check_token(token)
    expiry.check(token_expires_on)
    return {
        "external_name": name,
        "secret": secret,
        "last_four": secret[-4:],
        "token_expires_on": token_expires_on,
    }
