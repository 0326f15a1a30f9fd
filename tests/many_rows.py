"""An organization with as many of everything as wanted, for tests of what answers cost."""

import json
from datetime import timedelta

from django.utils import timezone

from accounts.operations import issue_api_token
from billing.models import Operation
from bindings.calendars import make_address
from claims import links
from claims.models import AccessClaim
from organizations import audit
from organizations.links import path_of
from organizations.models import Avatar, GroupMembership, Invitation, JoinRequest, Membership
from tests.billing.rows import AccountFactory, InvoiceFactory, OperationFactory, on_trial
from tests.factories import (
    BindingFactory,
    ClaimFactory,
    EstimatedRepositoryFactory,
    EstimateFactory,
    ImportFactory,
    LineCountFactory,
    NotificationFactory,
    OrganizationFactory,
    ProjectFactory,
    ReadingFactory,
    RepositoryFactory,
    SizeFactory,
    TokenFactory,
    UserFactory,
    VerificationFactory,
)

# As many owners as are told with one statement on SQLite, too.
MOST_TOLD = 30


def harbour(user, size):
    """An organization with `size` of everything, and as many others of the same person."""
    avatar = Avatar.objects.create(digest=f"{size:064}", png=b"a picture")
    organization = OrganizationFactory(key=f"harbour-{size:03}", owner=user, avatar=avatar)
    add_owners(organization, min(size, MOST_TOLD))
    binding = BindingFactory(organization=organization)
    TokenFactory(binding=binding, fingerprint=f"{size:016}")
    verification, *_ = VerificationFactory.create_batch(size, binding=binding)
    free = RepositoryFactory.create_batch(size, binding=binding)
    taken = RepositoryFactory.create_batch(size // 2, binding=binding)
    project, *_ = [ProjectFactory(organization=organization, repository=each) for each in taken]
    count_lines(organization, size)
    paid = billed(organization, size)
    OrganizationFactory.create_batch(size, owner=user, avatar=avatar)
    ImportFactory.create_batch(size, user=user)
    ready = ImportFactory(
        ready=True, user=user, avatar=avatar, repositories=found(size), estimate=estimated(size)
    )
    fork = ImportFactory(
        user=user, state="refused", verdict="healthy", external_id=binding.external_id
    )
    tokens = [issue_api_token(user, name="Scanner", scopes=["imports"])[0] for _ in range(size)]
    told = NotificationFactory.create_batch(size, user=user)
    names = {"key": organization.key, "digest": avatar.digest, "import_id": ready.pk}
    names |= {"notification_id": told[0].pk, "token_id": tokens[0].pk}
    names |= {"feed": make_address(organization, user), "verification_id": verification.pk}
    names |= {"project_key": project.key, "repository": free[0].pk}
    names |= {"free": ",".join(each.pk.hex for each in free)}
    names |= on_their_way(organization, user, size) | claimed(user, organization, size)
    names |= {"leaving": leaving(user, size), "paying_id": being_paid(user, size).pk}
    return names | paid | {"fork_id": fork.pk, "size": size}


def leaving(user, size):
    """One of as many that wait to be deleted, with as many owners."""
    soon = timezone.now() + timedelta(days=7)
    organization, *_ = OrganizationFactory.create_batch(size, owner=user, deletion_due_at=soon)
    add_owners(organization, size)
    return organization.key


def on_their_way(organization, user, size):
    """Members who are no owners, invited ones, and askers; and what the person asked elsewhere."""
    members = UserFactory.create_batch(size)
    Membership.objects.bulk_create(
        Membership(organization=organization, user=each) for each in members
    )
    invitations = Invitation.objects.bulk_create(
        Invitation(organization=organization, email=f"guest{n}@example.com") for n in range(size)
    )
    askers = UserFactory.create_batch(size)
    requests = JoinRequest.objects.bulk_create(
        JoinRequest(organization=organization, user=each) for each in askers
    )
    over = {"state": "withdrawn", "decided_at": timezone.now()}
    # No more than three may be open.
    JoinRequest.objects.open().filter(user=user).update(**over)
    other = OrganizationFactory()
    own = JoinRequest.objects.bulk_create(
        JoinRequest(organization=other, user=user, **values) for values in [{}] + [over] * size
    )
    elsewhere = BindingFactory(organization__owner=UserFactory())
    asking = ImportFactory(
        user=user, state="refused", verdict="healthy", external_id=elsewhere.external_id
    )
    for _ in range(size):
        audit.record(organization, "member.added", by=user)
    owner = organization.groups.get().members.exclude(user=user).first()
    return {
        "member_id": members[0].pk,
        "owner_id": owner.user_id,
        "invitation_id": invitations[0].pk,
        "signed": path_of(invitations[0]).split("/")[2],
        "request_id": requests[0].pk,
        "own_request_id": own[0].pk,
        "asking_id": asking.pk,
    }


def claimed(user, organization, size):
    """Past claims of this person and on their organization, and an open one of each."""
    past = {"state": "withdrawn", "decided_at": timezone.now()}
    ended = {"secret": None, "secret_until": None, "look": ""}
    AccessClaim.objects.filter(user=user).open().update(**past, **ended)
    ClaimFactory.create_batch(size, user=user, **past)
    ClaimFactory.create_batch(size, organization=organization, **past)
    mine, theirs = ClaimFactory(user=user), ClaimFactory(organization=organization)
    add_owners(mine.organization, min(size, MOST_TOLD))
    for claim in (mine, theirs):
        for n in range(size):
            claim.evidence.create(kind="nonce_placed", outcome="not_placed", weight="none")
            claim.messages.create(from_support=True, text=f"Who signed invoice {n}?")
            claim.objections.create(who="contact", by_email=f"contact{n}@example.com")
    quay = BindingFactory(external_name=f"quay-{size}")
    add_owners(quay.organization, min(size, MOST_TOLD))
    fork = ImportFactory(
        user=user, state="refused", verdict="healthy", external_id=quay.external_id
    )
    signed = links.for_owner(theirs, user.pk).rstrip("/").rpartition("/")[2]
    names = {"claim_id": mine.pk, "their_claim_id": theirs.pk, "objection": signed}
    return names | {"other_fork_id": fork.pk}


def billed(organization, size):
    account = on_trial(organization).account
    invoice, *_ = InvoiceFactory.create_batch(size, account=account)
    change, *_ = OperationFactory.create_batch(size, account=account)
    return {"invoice": invoice.stripe_id, "change": change.pk}


def being_paid(user, size):
    """An import whose checkout is the last of many, and ended by now."""
    account = AccountFactory(organization=None)
    for n in range(size):
        Operation.objects.create(
            account=account,
            kind="checkout",
            state="done",
            url="https://example.com/",
            steps={"session": f"session-{size}-{n}"},
        )
    held = {"state": "payment_required", "is_reserved": True, "key": f"paying-{size:03}"}
    return ImportFactory(user=user, billing=account, external_id=f"paying-{size}", **held)


def count_lines(organization, size):
    """Every project counted on `size` branches and so many days, and an estimate of the rest."""
    today = timezone.now().date()
    for project in organization.projects.all():
        SizeFactory(project=project)
        LineCountFactory.create_batch(size // 2, project=project)
    for back in range(size):
        day = today - timedelta(days=back)
        ReadingFactory(organization=organization, day=day)
        ReadingFactory(organization=organization, project=project, day=day)
    estimate = EstimateFactory(binding=organization.binding, state="done")
    EstimatedRepositoryFactory.create_batch(size, estimate=estimate, code=100)


def add_owners(organization, size):
    group = organization.groups.get()
    for user in UserFactory.create_batch(size):
        membership = Membership.objects.create(organization=organization, user=user)
        GroupMembership.objects.create(group=group, membership=membership)


def estimated(size):
    """An estimate under way, half of it counted."""
    estimate = EstimateFactory()
    EstimatedRepositoryFactory.create_batch(size // 2, estimate=estimate, code=10)
    EstimatedRepositoryFactory.create_batch(size // 2, estimate=estimate)
    return estimate


def found(size):
    """What a verification found, as an import keeps it."""
    row = {"project_id": "p1", "project_name": "Quay", "is_public": False, "is_disabled": False}
    row |= {"default_branch": "refs/heads/main", "size": 1, "web_url": ""}
    return [row | {"external_id": str(n), "name": f"crane-{n}"} for n in range(size)]


def filled(body, names):
    """A body with its places filled in, `{key}` and the like."""
    text = json.dumps(body)
    for name, value in names.items():
        text = text.replace(f"{{{name}}}", str(value))
    return json.loads(text)
