"""Rows for tests. A test states what matters and leaves the rest to these."""

from datetime import timedelta

import factory
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.models import Notification, User
from billing.catalogue import tier_name
from billing.models import CatalogPrice
from bindings.models import DevOpsBinding, PersonalAccessToken, Repository, Verification
from claims.models import AccessClaim
from onboarding.models import Import
from organizations.models import Group, GroupMembership, Membership, Organization, OwnersGroup
from projects.models import (
    Estimate,
    EstimatedRepository,
    LineCount,
    Project,
    ProjectSize,
    UsageReading,
)
from tests.tokens import make_token


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.com")


class SupportFactory(UserFactory):
    """Somebody of support who may act on claims, and not only look."""

    class Meta:
        skip_postgeneration_save = True

    is_staff = True

    @factory.post_generation
    def acts(self, create, extracted, **kwargs):
        self.user_permissions.add(Permission.objects.get(codename="change_accessclaim"))


class NotificationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Notification

    user = factory.SubFactory(UserFactory)
    kind = "token_expiring"
    subject = factory.Sequence(lambda n: f"token-{n}")
    severity = "warning"
    title = factory.Sequence(lambda n: f"Harbour {n}'s token expires in 30 days")
    text = "Replace the token by Thursday 24 December 2026.\n\nIt takes a new one and a minute."
    action_label = "Replace token"
    action_path = "/settings/"


class OrganizationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organization
        skip_postgeneration_save = True

    key = factory.Sequence(lambda n: f"harbour-{n}")
    name = factory.Sequence(lambda n: f"Harbour {n}")

    @factory.post_generation
    def owner(organization, create, user, **kwargs):
        group = OwnersGroup.objects.create(organization=organization, kind=Group.Kind.OWNERS)
        if user:
            membership = Membership.objects.create(organization=organization, user=user)
            GroupMembership.objects.create(group=group, membership=membership)

    @factory.post_generation
    def member(organization, create, user, **kwargs):
        if user:
            Membership.objects.create(organization=organization, user=user)


class BindingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = DevOpsBinding

    organization = factory.SubFactory(OrganizationFactory)
    platform = "azure_devops"
    external_id = factory.Faker("uuid4")
    external_name = "contoso"


class TokenFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = PersonalAccessToken

    binding = factory.SubFactory(BindingFactory)
    secret = factory.LazyFunction(make_token)
    last_four = "wxyz"
    fingerprint = "0123456789abcdef"
    owner_id = factory.Faker("uuid4")
    owner_name = "Harbour Robot"
    expiry_source = "unknown"
    verdict = "healthy"
    verdict_since = factory.LazyFunction(timezone.now)
    verified_at = factory.LazyFunction(timezone.now)
    healthy_at = factory.LazyFunction(timezone.now)


class VerificationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Verification

    binding = factory.SubFactory(BindingFactory)
    verdict = "healthy"
    checks = factory.LazyFunction(
        lambda: [
            {
                "code": "reachable",
                "outcome": "pass",
                "message": "It answered.",
                "remedy": "",
                "latency_ms": 1234,
                "activity_id": "8e0cae57-1b5c-4e6e-9d0a-3a3f5b0f6c11",
            },
            {
                "code": "token_expiry",
                "outcome": "warn",
                "message": "No date.",
                "remedy": "Look.",
                "latency_ms": None,
                "activity_id": "",
            },
        ]
    )


class RepositoryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Repository

    binding = factory.SubFactory(BindingFactory)
    external_id = factory.Faker("uuid4")
    name = factory.Sequence(lambda n: f"crane-{n:04}")
    project_id = "p1"
    project_name = "Quay"
    is_public = False
    is_disabled = False
    default_branch = "refs/heads/main"
    size = 2048


class ProjectFactory(factory.django.DjangoModelFactory):
    """Made by hand, unless a repository is given."""

    class Meta:
        model = Project

    organization = factory.SubFactory(OrganizationFactory)
    key = factory.Sequence(lambda n: f"project-{n}")
    name = factory.Sequence(lambda n: f"Project {n:04}")
    repository = None


class SizeFactory(factory.django.DjangoModelFactory):
    """A project with a count, tonight to be counted again."""

    class Meta:
        model = ProjectSize

    project = factory.SubFactory(ProjectFactory)
    loc = 100
    branch = "main"
    languages = factory.LazyAttribute(lambda made: {"Python": made.loc} if made.loc else {})
    left_out = factory.LazyFunction(lambda: {"test": {"files": 2, "code": 30}})
    counted_at = factory.LazyFunction(timezone.now)
    changed_at = factory.LazyFunction(timezone.now)
    next_count_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=12))


class LineCountFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = LineCount

    project = factory.SubFactory(ProjectFactory)
    branch = "main"
    commit = factory.Sequence(lambda n: f"{n:040x}")
    version = "scc 4.1.0, rules 1"
    code = 100
    count = factory.LazyAttribute(
        lambda made: {
            "version": made.version,
            "languages": {"Python": {"files": 3, "code": made.code, "comment": 8, "blank": 9}},
            "left_out": {"test": {"files": 2, "code": 30, "examples": [[20, "tests/test_x.py"]]}},
        }
    )


class ReadingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = UsageReading

    organization = factory.SubFactory(OrganizationFactory)
    day = factory.LazyFunction(lambda: timezone.now().date())
    loc = 100


class EstimateFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Estimate


class EstimatedRepositoryFactory(factory.django.DjangoModelFactory):
    """Waiting, unless the lines that were counted are given."""

    class Meta:
        model = EstimatedRepository

    estimate = factory.SubFactory(EstimateFactory)
    position = factory.Sequence(int)
    external_id = factory.Faker("uuid4")
    project_id = "p1"
    name = factory.Sequence(lambda n: f"crane-{n:04}")
    project_name = "Quay"
    is_public = False
    is_disabled = False
    default_branch = "refs/heads/main"
    size = 1000
    code = None
    state = factory.LazyAttribute(lambda made: "waiting" if made.code is None else "counted")
    branch = factory.LazyAttribute(lambda made: "" if made.code is None else "main")


class PriceFactory(factory.django.DjangoModelFactory):
    """The smallest Team tier by the month, as it is at Stripe in test mode."""

    class Meta:
        model = CatalogPrice

    plan = "team"
    loc_limit = 100_000
    interval = "month"
    currency = "eur"
    amount = 3200
    version = 1
    lookup_key = factory.LazyAttribute(
        lambda made: (
            f"{made.plan}-{tier_name(made.loc_limit)}-{made.interval}-{made.currency}"
            f"-v{made.version}{'-live' if made.is_live else ''}"
        )
    )
    product_id = factory.Sequence(lambda n: f"prod_{n}")
    price_id = factory.Sequence(lambda n: f"price_{n}")
    is_live = False


class ClaimFactory(factory.django.DjangoModelFactory):
    """Just opened, on an organization that is bound."""

    class Meta:
        model = AccessClaim
        skip_postgeneration_save = True

    organization = factory.LazyFunction(lambda: BindingFactory().organization)
    user = factory.SubFactory(UserFactory)
    external_name = "contoso"
    statement = "Our only owner left the company."
    waits_until = factory.LazyFunction(lambda: timezone.now() + timedelta(days=7))

    @factory.post_generation
    def seen(self, create, extracted, **kwargs):
        """What makes it as strong as it is said to be, seen just now."""
        outcomes = {"strong": "administrator", "weak": "administrator_unknown"}
        if create and self.strength in outcomes:
            self.evidence.create(
                kind="token_administrator",
                outcome=outcomes[self.strength],
                weight=self.strength,
            )


class ImportFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Import

    user = factory.SubFactory(UserFactory)
    external_name = "contoso"
    secret = factory.LazyFunction(make_token)
    last_four = "wxyz"

    class Params:
        ready = factory.Trait(
            state="ready",
            verdict="healthy",
            external_id=factory.Faker("uuid4"),
            token_owner_id=factory.Faker("uuid4"),
            name="Contoso",
            key=factory.Sequence(lambda n: f"contoso-{n}"),
            has_details=True,
            has_plan=True,
        )
