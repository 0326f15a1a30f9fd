"""What can be done with bindings."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from bindings import expiry
from bindings.checks import Check, capabilities_in
from bindings.errors import AlreadyImported
from bindings.inventory import store_repositories
from bindings.models import DevOpsBinding, PersonalAccessToken, Platform, Verification
from bindings.probing import Answer
from bindings.slots import settle_expiry
from core.db import unique_or
from core.secrets import fingerprint
from organizations import audit
from organizations.models import Organization


@dataclass(frozen=True)
class VerifiedToken:
    """A token, and what its verification found. `repositories` are columns of Repository."""

    secret: str
    expires_on: date | None
    owner_id: str
    owner_name: str
    verdict: str
    checks: list[dict[str, Any]]
    repositories: list[dict[str, Any]]

    def __repr__(self) -> str:
        return f"<VerifiedToken …{self.secret[-4:]} {self.verdict}>"


@transaction.atomic
def bind_organization(
    organization: Organization,
    *,
    external_id: str,
    external_name: str,
    token: VerifiedToken,
    by: User,
) -> DevOpsBinding:
    """Bind an organization to one on the platform, for ever."""
    with unique_or(AlreadyImported()):
        binding = DevOpsBinding.objects.create(
            organization=organization,
            platform=Platform.AZURE,
            external_id=external_id,
            external_name=external_name,
        )
    _store_token(binding, token)
    answer = Answer(checks=[Check(**check) for check in token.checks])
    Verification.objects.create(
        binding=binding,
        token_fingerprint=fingerprint(token.secret),
        verdict=token.verdict,
        checks=token.checks,
        reason=Verification.Reason.IMPORT,
        latency_ms=answer.latency_ms,
        activity_id=answer.request_to_name,
    )
    store_repositories(binding, token.repositories)
    audit.record(
        organization,
        "organization.bound",
        by=by,
        platform=binding.platform,
        external_id=external_id,
        external_name=external_name,
        token_fingerprint=fingerprint(token.secret),
    )
    return binding


def _store_token(binding: DevOpsBinding, token: VerifiedToken) -> None:
    expires_on, source = settle_expiry(token.secret, token.expires_on)
    now = timezone.now()
    PersonalAccessToken.objects.create(
        binding=binding,
        secret=token.secret,
        last_four=token.secret[-4:],
        fingerprint=fingerprint(token.secret),
        owner_id=token.owner_id,
        owner_name=token.owner_name,
        expires_on=expires_on,
        expiry_source=source,
        noticed_days=expiry.already_crossed(expires_on, source),
        checks=token.checks,
        proven=capabilities_in(token.checks),
        verdict=token.verdict,
        verdict_since=now,
        verified_at=now,
        healthy_at=now,
        # What the import did not ask is asked soon.
        questions=1,
        next_check_at=now + timedelta(minutes=1),
    )
