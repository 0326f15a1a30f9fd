"""From a checked import to an organization, or to the way that is left."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.kinds import Kind
from accounts.models import User
from accounts.notifications import withdraw
from billing.models import BillingAccount
from bindings.checks import in_order, secret_unreadable
from bindings.errors import AlreadyImported
from bindings.operations import VerifiedToken, bind_organization
from core.secrets import SecretUnreadable
from onboarding import wiping
from onboarding.errors import DetailsMissing, ImportOver, NotReady, TokenGone
from onboarding.models import Import
from onboarding.reserving import reserve
from organizations import audit
from organizations.errors import KeyTaken
from organizations.models import Organization
from organizations.operations import create_organization
from projects.models import Estimate

HELD_NO_MORE: dict[str, Any] = {
    "is_reserved": False,
    "paid_at": None,
    "stuck_since": None,
    "given_back_at": None,
}
CREATABLE = (Import.State.READY, Import.State.PAYMENT_REQUIRED)


def create(import_: Import, *, by: User) -> Organization:
    """Create the organization and bind it. Twice gives the same organization. Whoever pays for the
    import pays for the organization from then on.

    Raises AlreadyImported when somebody else was first with this external organization;
    the import then shows the ways that are left.
    """
    try:
        return _create(import_, by=by)
    except SecretUnreadable as error:
        _refuse_unreadable(import_, by=by)
        raise TokenGone from error
    except (KeyTaken, AlreadyImported) as conflict:
        # Two imports of one organization suggest the same key, so the key may be what
        # collides first. What matters to the person is that the organization is here.
        if not import_.bound_elsewhere():
            raise conflict
        give_way(import_, by=by)
        raise AlreadyImported from conflict


@transaction.atomic(durable=True)
def _create(import_: Import, *, by: User) -> Organization:
    locked = lock(import_)
    if locked.state == Import.State.CREATED and locked.organization:
        return locked.organization
    _refuse_unless_creatable(locked)
    if not locked.is_reserved:
        reserve(locked)
    organization = create_organization(
        key=locked.key,
        name=locked.name,
        description=locked.description,
        url=locked.url,
        avatar=locked.avatar,
        by=by,
    )
    binding = bind_organization(
        organization,
        external_id=locked.external_id,
        external_name=locked.external_name,
        token=_verified_token(locked),
        by=by,
    )
    # What is not counted yet is counted with the token of the binding from now on.
    Estimate.objects.filter(of_import=locked.pk).update(binding=binding)
    BillingAccount.objects.filter(of_import=locked).update(organization=organization)
    end(locked, state=Import.State.CREATED, organization=organization)
    withdraw(Kind.IMPORT_STUCK, str(locked.pk))
    return organization


def _refuse_unless_creatable(import_: Import) -> None:
    if import_.state in (Import.State.CREATED, Import.State.EXPIRED):
        raise ImportOver
    if import_.state not in CREATABLE or (import_.is_being_paid and not import_.paid_at):
        raise NotReady
    if import_.given_back_at:
        raise NotReady
    if not import_.has_details:
        raise DetailsMissing


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
def give_way(import_: Import, *, by: User) -> None:
    """Somebody else brought the organization here first."""
    locked = lock(import_)
    if locked.is_ready:
        end(locked, state=Import.State.REFUSED)
        audit.record(
            None, "import.refused", by=by, import_id=str(locked.pk), reason="already imported"
        )


@transaction.atomic
def _refuse_unreadable(import_: Import, *, by: User) -> None:
    locked = lock(import_)
    if locked.state not in CREATABLE:
        return
    found = [check for check in locked.checks if check["code"] != "authenticated"]
    checks = in_order([*found, secret_unreadable().as_dict()])
    # What was paid for stays held, and all else that was typed: it only takes another token.
    wiped = {"secret": None} if locked.paid_at else {**wiping.WIPED}
    change(locked, **{**wiped, "state": Import.State.REFUSED, "verdict": "", "checks": checks})
    audit.record(None, "import.refused", by=by, import_id=str(locked.pk), reason="token unreadable")


def end(import_: Import, **values: Any) -> None:
    """The last words of an import that nobody goes on with."""
    change(import_, **{**wiping.WIPED, **values, "is_reserved": False})


def change(import_: Import, **values: Any) -> None:
    changes = {**values, "touched_at": timezone.now()}
    for name, value in changes.items():
        setattr(import_, name, value)
    import_.save(update_fields=list(changes))


def lock(import_: Import) -> Import:
    """Raises ImportOver where its person has deleted their account since."""
    locked = Import.objects.select_for_update().filter(pk=import_.pk).first()
    if locked is None:
        raise ImportOver
    return locked
