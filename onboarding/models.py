"""An unfinished or finished import."""

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from billing.models import BillingAccount, Plan
from bindings.checks import TITLES
from bindings.models import DevOpsBinding, Platform
from bindings.providers.base import Verdict
from bindings.verdicts import NOT_VERDICTS, WORDS, Words
from core.secrets import SealedTextField
from organizations.addresses import WEB_ADDRESS
from organizations.models import Avatar, Organization
from projects.models import Estimate

LIFETIME = timedelta(hours=24)
# So long a queued task may take to be picked up before another one is sent.
PATIENCE = timedelta(seconds=15)
# What is paid and can't be created. Within a trial, so that none is charged for nothing.
GIVEN_BACK_AFTER = timedelta(days=7)


class ImportQuerySet(models.QuerySet["Import"]):
    def unfinished(self) -> Self:
        return self.exclude(state__in=[Import.State.CREATED, Import.State.EXPIRED])

    def wipeable(self) -> Self:
        """Unfinished, and neither paid nor being paid."""
        return self.unfinished().filter(is_reserved=False)

    def waiting_for_a_worker(self) -> Self:
        """Nobody is at work on these."""
        now = timezone.now()
        return self.filter(
            Q(leased_until=None) | Q(leased_until__lt=now),
            state=Import.State.CHECKING,
            next_attempt_at__lte=now,
        )

    def forgotten(self) -> Self:
        """Never queued, lost by the broker, or their worker died: a task would have come by now."""
        return self.waiting_for_a_worker().filter(next_attempt_at__lt=timezone.now() - PATIENCE)

    def stranded(self) -> Self:
        """Paid, and waiting for another token."""
        paid = self.filter(is_reserved=True, paid_at__isnull=False)
        return paid.filter(state=Import.State.REFUSED)

    def abandoned(self) -> Self:
        return self.wipeable().filter(touched_at__lt=timezone.now() - LIFETIME)


class Import(models.Model):
    """One person's way from a token to an organization, kept so that nothing typed is lost.

    A worker that verifies holds a lease (`lease`, `leased_until`) and writes only while it
    holds it; one that died leaves a lease that runs out.
    """

    class State(models.TextChoices):
        CHECKING = "checking", "Being checked"
        REFUSED = "refused", "Refused"
        READY = "ready", "Ready to create"
        PAYMENT_REQUIRED = "payment_required", "Being paid"
        CREATED = "created", "Created"
        EXPIRED = "expired", "Expired"

    WAITING_FOR_A_PERSON = (State.REFUSED, State.READY)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="imports"
    )
    platform = models.CharField(max_length=16, choices=Platform, default=Platform.AZURE)
    state = models.CharField(max_length=16, choices=State, default=State.CHECKING)
    started_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)

    # What was pasted
    external_name = models.CharField(max_length=64)
    secret = SealedTextField(null=True)
    last_four = models.CharField(max_length=4, blank=True)
    token_expires_on = models.DateField(null=True, blank=True)

    # The verification
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    lease = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    verdict = models.CharField(max_length=32, blank=True)
    checks = models.JSONField(default=list)
    external_id = models.CharField(max_length=64, blank=True)
    token_owner_id = models.CharField(max_length=64, blank=True)
    token_owner_name = models.CharField(max_length=255, blank=True)
    repositories = models.JSONField(default=list)
    repository_count = models.PositiveIntegerField(default=0)
    estimate = models.OneToOneField(
        Estimate, null=True, blank=True, on_delete=models.SET_NULL, related_name="of_import"
    )

    # What was typed about the organization
    name = models.CharField(max_length=255, blank=True)
    key = models.CharField(max_length=64, blank=True)
    description = models.CharField(max_length=1000, blank=True)
    url = models.CharField(max_length=255, blank=True, validators=[WEB_ADDRESS])
    avatar = models.ForeignKey(
        Avatar, null=True, blank=True, on_delete=models.PROTECT, related_name="imports"
    )
    has_details = models.BooleanField(default=False)
    has_plan = models.BooleanField(default=False)

    # What was chosen to pay for; the price is that of a row of the catalogue
    plan = models.CharField(max_length=16, choices=Plan, blank=True)
    lookup_key = models.CharField(max_length=100, blank=True)

    # Who pays. Key and external organization are held for it from the first checkout on, until
    # none is open any more or the organization is created.
    billing = models.OneToOneField(
        BillingAccount, null=True, blank=True, on_delete=models.PROTECT, related_name="of_import"
    )
    is_reserved = models.BooleanField(default=False)
    paid_at = models.DateTimeField(null=True, blank=True)
    # Since when it is paid and waits for another token, and when that was given up.
    stuck_since = models.DateTimeField(null=True, blank=True)
    given_back_at = models.DateTimeField(null=True, blank=True)

    # What came of it; the organization may be deleted one day, the import stays
    organization = models.ForeignKey(
        Organization, null=True, blank=True, on_delete=models.SET_NULL, related_name="imports"
    )

    objects = ImportQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "next_attempt_at"], name="import_by_state"),
            models.Index(fields=["user", "-started_at"], name="import_of_user"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(secret__isnull=True) | ~Q(state__in=["created", "expired"]),
                name="finished_import_keeps_no_token",
            ),
            models.UniqueConstraint(
                fields=["key"], condition=Q(is_reserved=True), name="import_key_reserved_once"
            ),
            models.UniqueConstraint(
                fields=["platform", "external_id"],
                condition=Q(is_reserved=True),
                name="import_of_external_organization_reserved_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="payment_required") | Q(is_reserved=True, billing__isnull=False),
                name="import_is_paid_only_while_reserved",
            ),
            models.CheckConstraint(
                condition=Q(is_reserved=False) | ~Q(state__in=["created", "expired"]),
                name="finished_import_holds_nothing",
            ),
            models.CheckConstraint(
                condition=Q(given_back_at__isnull=True) | Q(is_reserved=True),
                name="import_is_given_back_while_reserved",
            ),
            models.CheckConstraint(
                condition=Q(plan=Plan.TEAM, lookup_key__gt="")
                | ~Q(plan=Plan.TEAM) & Q(lookup_key=""),
                name="import_names_a_price_exactly_when_one_is_paid",
            ),
        ]

    def __str__(self) -> str:
        return f"import of {self.external_name}"

    @property
    def words(self) -> Words | None:
        """The verdict in words, once there is one."""
        return WORDS[Verdict(self.verdict)] if self.verdict else None

    @property
    def was_judged(self) -> bool:
        return bool(self.verdict) and Verdict(self.verdict) not in NOT_VERDICTS

    @property
    def is_checking(self) -> bool:
        return self.state == self.State.CHECKING

    @property
    def is_refused(self) -> bool:
        return self.state == self.State.REFUSED

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def is_being_paid(self) -> bool:
        return self.state == self.State.PAYMENT_REQUIRED

    @property
    def may_choose_plan(self) -> bool:
        return self.is_ready or self.is_being_paid

    @property
    def waits_for_payment(self) -> bool:
        """Or is paid, and about to be created."""
        return self.is_being_paid or (self.is_ready and self.is_reserved)

    @property
    def is_stranded(self) -> bool:
        """Paid, and waiting for another token."""
        return self.is_refused and self.is_reserved and self.paid_at is not None

    @property
    def given_back_on(self) -> datetime | None:
        """When what is paid is given back, should no token come."""
        return self.stuck_since + GIVEN_BACK_AFTER if self.stuck_since else None

    @property
    def is_waiting_to_retry(self) -> bool:
        return self.is_checking and self.next_attempt_at > timezone.now()

    @property
    def progress_mark(self) -> str:
        """Changes whenever there is something new to show while it is being checked."""
        return f"{self.state}-{self.attempts}-{len(self.checks)}-{self.is_waiting_to_retry}"

    @property
    def newest_check(self) -> dict[str, Any] | None:
        return (
            {**self.checks[-1], "title": TITLES[self.checks[-1]["code"]]} if self.checks else None
        )

    @property
    def failed_checks(self) -> list[dict[str, Any]]:
        return [check for check in self.checks if check["outcome"] == "fail"]

    @property
    def check_rows(self) -> list[dict[str, Any]]:
        """Every check in its order: answered, running, or waiting for its turn."""
        answered = {check["code"]: check for check in self.checks}
        rows, running = [], self.is_checking
        for code, title in TITLES.items():
            if row := answered.get(code):
                rows.append({**row, "title": title})
            elif self.is_checking:
                outcome = "running" if running else "waiting"
                rows.append({"code": code, "title": title, "outcome": outcome})
                running = False
        return rows

    def bound_elsewhere(self) -> DevOpsBinding | None:
        """The binding that has this organization already. One query."""
        if not self.external_id or self.state == self.State.CREATED:
            return None
        return (
            DevOpsBinding.objects.select_related("organization")
            .filter(platform=self.platform, external_id=self.external_id)
            .first()
        )
