"""One organization with everything in it that has an address."""

from datetime import timedelta

from django.utils import timezone

from accounts.operations import issue_api_token
from bindings.calendars import make_address
from claims import links
from organizations.links import path_of
from organizations.models import Avatar, Invitation, JoinRequest
from tests.billing.rows import InvoiceFactory, OperationFactory, on_trial
from tests.factories import (
    BindingFactory,
    ClaimFactory,
    ImportFactory,
    NotificationFactory,
    OrganizationFactory,
    ProjectFactory,
    RepositoryFactory,
    TokenFactory,
    UserFactory,
    VerificationFactory,
)
from tests.organizations.crew import join


def harbour_of(alice, bob):
    """Alice's organization with Bob in it, and what else of hers has an address."""
    avatar = Avatar.objects.create(digest="0" * 64, png=b"a picture")
    organization = OrganizationFactory(key="harbour", owner=alice, member=bob, avatar=avatar)
    binding = BindingFactory(organization=organization)
    TokenFactory(binding=binding)
    repository = RepositoryFactory(binding=binding)
    project = ProjectFactory(organization=organization, repository=repository)
    verification = VerificationFactory(binding=binding)
    import_ = ImportFactory(ready=True, user=alice, avatar=avatar, external_id=binding.external_id)
    token, _ = issue_api_token(alice, name="Scanner", scopes=["imports"])
    account = on_trial(organization).account
    theirs = ClaimFactory(organization=organization)
    soon = timezone.now() + timedelta(days=7)
    leaving = OrganizationFactory(owner=alice, member=bob, deletion_due_at=soon)
    return {
        "key": organization.key,
        "leaving": leaving.key,
        "owner_id": alice.pk,
        "project_key": project.key,
        "repository_id": RepositoryFactory(binding=binding).pk,
        "digest": avatar.digest,
        "import_id": import_.pk,
        "token_id": token.pk,
        "verification_id": verification.pk,
        "secret": make_address(organization, alice),
        "notification_id": NotificationFactory(user=alice).pk,
        "invoice_id": InvoiceFactory(account=account).stripe_id,
        "claim_id": ClaimFactory(user=alice).pk,
        "their_claim_id": theirs.pk,
        "objection": links.for_owner(theirs, alice.pk).rstrip("/").rpartition("/")[2],
        "change_id": OperationFactory(account=account).pk,
        **on_their_way(organization, alice),
    }


def on_their_way(organization, alice):
    """A member who is no owner, an invited one, one who asks; and where Alice asks."""
    dora, emil = UserFactory(email="dora@example.com"), UserFactory(email="emil@example.com")
    join(organization, dora)
    invitation = Invitation.objects.create(organization=organization, email="guest@example.com")
    return {
        "user_id": dora.pk,
        "invitation_id": invitation.pk,
        "signed": path_of(invitation).split("/")[2],
        "request_id": JoinRequest.objects.create(organization=organization, user=emil).pk,
        "own_request_id": JoinRequest.objects.create(
            organization=OrganizationFactory(), user=alice
        ).pk,
    }
