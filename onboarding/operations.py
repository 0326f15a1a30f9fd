"""What a person does on the way from a token to an organization."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from bindings.errors import AlreadyImported
from bindings.operations import VerifiedToken, bind_organization
from bindings.providers.azure_names import parse_organization
from bindings.providers.azure_tokens import check_token
from core.queue import queue_on_commit
from onboarding import tasks, wiping
from onboarding.errors import (
    DetailsMissing,
    ExpiryImpossible,
    ImportOver,
    NotReady,
    TokenGone,
)
from onboarding.models import Import
from organizations import audit
from organizations.errors import KeyMalformed, KeyTaken
from organizations.keys import problem_with_key
from organizations.models import Organization
from organizations.operations import create_organization, free_keys, key_problem

LONGEST_LIFE = timedelta(days=366)


@transaction.atomic
def start_import(
    *, organization: str, token: str, token_expires_on: date | None = None, by: User
) -> Import:
    """Keep what was pasted, and have it verified soon. Nothing malformed gets this far."""
    import_ = Import(user=by, **_read(organization, token, token_expires_on))
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


@transaction.atomic
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
    locked = _lock(import_)
    if locked.state not in Import.WAITING_FOR_A_PERSON:
        raise ImportOver
    _queue(locked, values, by=by)


@transaction.atomic
def check_again(import_: Import, *, by: User) -> None:
    """Verify the same token once more. Asking while it is being verified changes nothing."""
    locked = _lock(import_)
    if locked.is_checking:
        return
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
        "external_id": "",
        "repositories": [],
    }
    for name, value in {**fresh, **values}.items():
        setattr(import_, name, value)
    import_.save(update_fields=[*fresh, *values])
    audit.record(None, "import.checked_again", by=by, import_id=str(import_.pk))
    queue_on_commit(tasks.verify_import, import_id=str(import_.pk))


@transaction.atomic
def save_details(import_: Import, *, by: User, **details: Any) -> None:
    """Keep name, key, description, URL and avatar. The key is promised to nobody yet."""
    if problem := problem_with_key(details["key"]):
        raise KeyMalformed(problem)
    if key_problem(details["key"]):
        raise KeyTaken(suggestions=free_keys(details["key"]))
    locked = _lock(import_)
    if not locked.is_ready:
        raise NotReady
    for name, value in {**details, "has_details": True, "touched_at": timezone.now()}.items():
        setattr(locked, name, value)
    locked.save(update_fields=[*details, "has_details", "touched_at"])


@transaction.atomic
def choose_free_plan(import_: Import, *, by: User) -> None:
    """Choose the Free plan, the only one there is yet."""
    locked = _lock(import_)
    if not locked.is_ready:
        raise NotReady
    locked.has_plan, locked.touched_at = True, timezone.now()
    locked.save(update_fields=["has_plan", "touched_at"])


def finish_import(import_: Import, *, by: User) -> Organization:
    """Create the organization and bind it. Finishing twice gives the same organization.

    Raises AlreadyImported when somebody else was first with this external organization;
    the import then shows the ways that are left.
    """
    try:
        return _create(import_, by=by)
    except (KeyTaken, AlreadyImported) as conflict:
        # Two imports of one organization suggest the same key, so the key may be what
        # collides first. What matters to the person is that the organization is here.
        if not import_.bound_elsewhere():
            raise conflict
        _give_way(import_, by=by)
        raise AlreadyImported from conflict


@transaction.atomic(durable=True)
def _create(import_: Import, *, by: User) -> Organization:
    locked = _lock(import_)
    if locked.state == Import.State.CREATED and locked.organization:
        return locked.organization
    if locked.state in (Import.State.CREATED, Import.State.EXPIRED):
        raise ImportOver
    if not locked.is_ready:
        raise NotReady
    if not locked.has_details:
        raise DetailsMissing
    organization = create_organization(
        key=locked.key,
        name=locked.name,
        description=locked.description,
        url=locked.url,
        avatar=locked.avatar,
        by=by,
    )
    bind_organization(
        organization,
        external_id=locked.external_id,
        external_name=locked.external_name,
        token=_verified_token(locked),
        by=by,
    )
    _end(locked, state=Import.State.CREATED, organization=organization)
    return organization


def _verified_token(import_: Import) -> VerifiedToken:
    return VerifiedToken(
        secret=import_.secret.reveal(import_),
        expires_on=import_.token_expires_on,
        owner_id=import_.token_owner_id,
        owner_name=import_.token_owner_name,
        verdict=import_.verdict,
        checks=import_.checks,
        repositories=import_.repositories,
    )


@transaction.atomic
def _give_way(import_: Import, *, by: User) -> None:
    locked = _lock(import_)
    if locked.is_ready:
        _end(locked, state=Import.State.REFUSED)
        audit.record(
            None, "import.refused", by=by, import_id=str(locked.pk), reason="already imported"
        )


def _end(import_: Import, **values: Any) -> None:
    changes = {**wiping.WIPED, **values, "touched_at": timezone.now()}
    for name, value in changes.items():
        setattr(import_, name, value)
    import_.save(update_fields=list(changes))


def abandon_import(import_: Import, *, by: User) -> None:
    """Stop, and wipe the token at once. Stopping twice changes nothing."""
    wiping.expire(Import.objects.filter(pk=import_.pk), by=by)


def _lock(import_: Import) -> Import:
    return Import.objects.select_for_update().get(pk=import_.pk)


def _read(organization: str, token: str, token_expires_on: date | None) -> dict[str, Any]:
    name, secret = parse_organization(organization), check_token(token)
    _check_expiry(token_expires_on)
    return {
        "external_name": name,
        "secret": secret,
        "last_four": secret[-4:],
        "token_expires_on": token_expires_on,
    }


def _check_expiry(expires_on: date | None) -> None:
    today = timezone.now().date()
    if expires_on and expires_on < today:
        raise ExpiryImpossible(
            "This date has passed. Type the date on which the token will expire."
        )
    if expires_on and expires_on > today + LONGEST_LIFE:
        raise ExpiryImpossible(
            "A token of Azure DevOps lives for one year at most, so it expires before this date."
        )
