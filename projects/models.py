"""What we analyse: projects, usually made from repositories. And what was counted of both."""

import uuid
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from bindings.models import DevOpsBinding, Repository
from core import leases
from core.secrets import SealedTextField
from organizations.models import Organization
from projects.keys import KEY_PATTERN, MAX_LENGTH
from projects.rules import LONGEST
from projects.skips import Skip
from projects.sums import by_size

# After so many days without a change, a project is said to be idle.
IDLE = 90

HAS_TOKEN = Q(secret__isnull=False) & ~Q(last_four="") & ~Q(fingerprint="")
HAS_NO_TOKEN = Q(secret__isnull=True, last_four="", fingerprint="", token_expires_on=None)


class ProjectQuerySet(models.QuerySet["Project"]):
    def search(self, text: str) -> Self:
        """By project, repository or platform project; every word must occur."""
        found = self
        for word in text.split():
            found = found.filter(
                Q(name__icontains=word)
                | Q(key__icontains=word)
                | Q(repository__name__icontains=word)
                | Q(repository__project_name__icontains=word)
            )
        return found

    def shown(self) -> Self:
        """With their repositories, and without what is sealed."""
        return self.select_related("repository").defer("secret")

    def with_sizes(self) -> Self:
        """With the figure of their newest count, and not all that explains it."""
        return self.select_related("size").defer("size__languages", "size__left_out")


class Project(models.Model):
    """What we analyse. It keeps its key and name when its repository is renamed.

    Whether it is public is the repository's to say, so that the two can't drift apart; one without
    is private. A token of its own, where it has one, is encrypted, bound to this row and never
    shown.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="projects"
    )
    repository = models.OneToOneField(
        Repository, null=True, blank=True, on_delete=models.CASCADE, related_name="as_project"
    )
    key = models.CharField(max_length=MAX_LENGTH)
    name = models.CharField(max_length=255)
    rules = models.CharField(
        max_length=LONGEST, blank=True, help_text="what counts, as in .gitattributes"
    )
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    secret = SealedTextField(null=True, blank=True, bound_to=["organization_id", "repository_id"])
    last_four = models.CharField(max_length=4, blank=True)
    fingerprint = models.CharField(max_length=16, blank=True)
    token_expires_on = models.DateField(null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "key"], name="project_key_once_an_organization"
            ),
            models.CheckConstraint(
                condition=Q(key__regex=KEY_PATTERN), name="project_key_well_formed"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="project_has_a_name"),
            models.CheckConstraint(
                condition=HAS_NO_TOKEN | HAS_TOKEN & Q(repository__isnull=False),
                name="project_token_whole_and_for_a_repository",
            ),
        ]
        indexes = [models.Index(fields=["organization", "name", "id"], name="project_by_name")]

    def __str__(self) -> str:
        return self.key

    @property
    def is_public(self) -> bool:
        return bool(self.repository and self.repository.is_public)

    @property
    def visibility(self) -> str:
        return "public" if self.is_public else "private"

    @property
    def has_own_token(self) -> bool:
        return bool(self.fingerprint)

    @property
    def is_token_over(self) -> bool:
        """Whether the last day of its own token has come."""
        last = self.token_expires_on
        return last is not None and last <= timezone.now().date()

    @property
    def is_renamed(self) -> bool:
        """Whether the repository has another name by now, or had one from the start."""
        return self.repository is not None and self.repository.name != self.name

    @property
    def is_vanished(self) -> bool:
        """Whether nobody sees the repository any more; a token of its own may see more."""
        gone = self.repository is not None and self.repository.vanished_at is not None
        return gone and not self.has_own_token


class Estimate(models.Model):
    """Lines of code counted before they are bought, repository by repository.

    Without a binding it belongs to an import, whose token it is counted with. `repository` is
    the one it is about; without one it is about all there were.
    """

    class State(models.TextChoices):
        COUNTING = "counting", "Being counted"
        DONE = "done", "Counted"
        CANCELLED = "cancelled", "Stopped"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    binding = models.ForeignKey(
        DevOpsBinding, null=True, on_delete=models.CASCADE, related_name="estimates"
    )
    repository = models.ForeignKey(
        Repository, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State, default=State.COUNTING)
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    refusals = models.PositiveSmallIntegerField(default=0, help_text="of the token, in a row")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["binding"],
                condition=Q(state="counting"),
                name="one_running_estimate_a_binding",
            )
        ]

    def __str__(self) -> str:
        return f"estimate of {self.started_at:%Y-%m-%d}"

    @property
    def is_counting(self) -> bool:
        return self.state == self.State.COUNTING

    @property
    def is_cancelled(self) -> bool:
        return self.state == self.State.CANCELLED


class EstimatedRepositoryQuerySet(models.QuerySet["EstimatedRepository"]):
    def open(self) -> Self:
        return self.filter(state=EstimatedRepository.State.WAITING)

    def claimable(self) -> Self:
        """To be counted, and in nobody's hands."""
        return self.open().filter(leases.free(), leases.due("next_attempt_at"))

    def in_hand(self) -> Self:
        return self.open().exclude(leases.free())


class EstimatedRepository(models.Model):
    """A repository in an estimate. `branch` is its largest one, which has `code` lines.

    `branches` has each that was counted: `{branch, commit, code, count}`, see
    `projects.counting.Count`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        COUNTED = "counted", "Counted"
        SKIPPED = "skipped", "Left out"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    estimate = models.ForeignKey(Estimate, on_delete=models.CASCADE, related_name="repositories")
    position = models.PositiveIntegerField()
    external_id = models.CharField(max_length=64)
    project_id = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    project_name = models.CharField(max_length=255)
    is_public = models.BooleanField()
    is_disabled = models.BooleanField()
    default_branch = models.CharField(max_length=1024, blank=True)
    size = models.BigIntegerField(help_text="compressed bytes, as the platform tells them")
    pushed_at = models.DateTimeField(null=True, blank=True, help_text="last push, where asked for")

    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    skipped = models.CharField(max_length=24, blank=True, choices=Skip.choices)
    branch = models.CharField(max_length=1024, blank=True)
    code = models.PositiveBigIntegerField(null=True, blank=True)
    branches = models.JSONField(default=list)
    uncounted = models.PositiveIntegerField(default=0, help_text="side branches")
    counted_at = models.DateTimeField(null=True, blank=True)

    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    lease = models.UUIDField(null=True, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True)

    objects = EstimatedRepositoryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "estimated repositories"
        constraints = [
            models.UniqueConstraint(
                fields=["estimate", "external_id"], name="repository_once_an_estimate"
            ),
            models.CheckConstraint(
                condition=Q(state="counted", code__isnull=False)
                | ~Q(state="counted") & Q(code__isnull=True),
                name="estimated_when_counted",
            ),
            models.CheckConstraint(
                condition=Q(state="skipped") & ~Q(skipped="") | ~Q(state="skipped") & Q(skipped=""),
                name="left_out_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["estimate", "state", "position"], name="estimate_in_order"),
            models.Index(fields=["estimate", "-code"], name="estimate_by_size"),
        ]

    def __str__(self) -> str:
        return f"{self.project_name}/{self.name}"

    @property
    def words(self) -> str:
        """Why it is left out."""
        return Skip(self.skipped).label if self.skipped else ""

    @property
    def languages(self) -> list[tuple[str, int]]:
        """Of its largest branch, the largest first."""
        counts = [each["count"] for each in self.branches if each["branch"] == self.branch]
        languages: dict[str, Any] = counts[0]["languages"] if counts else {}
        return by_size({name: lines["code"] for name, lines in languages.items()})


class ProjectSizeQuerySet(models.QuerySet["ProjectSize"]):
    def due(self) -> Self:
        """To be counted, and in nobody's hands."""
        return self.filter(leases.free(), leases.due("next_count_at", ahead=timedelta(days=3)))

    def in_hand(self) -> Self:
        return self.exclude(leases.free())


class ProjectSize(models.Model):
    """How many lines a project has by its newest count, and when it is counted next.

    `loc` is of its largest branch, None before the first count. `skipped` tells why the newest
    attempt found nothing; what was found before stands. `languages` is `{name: lines}`, and
    `left_out` is `{reason: {files, code}}`.
    """

    project = models.OneToOneField(
        Project, primary_key=True, on_delete=models.CASCADE, related_name="size"
    )
    loc = models.PositiveBigIntegerField(null=True, blank=True)
    branch = models.CharField(max_length=1024, blank=True)
    uncounted = models.PositiveIntegerField(default=0, help_text="side branches")
    skipped = models.CharField(max_length=24, blank=True, choices=Skip.choices)
    # Of the largest branch, so that an organization's can be summed without its counts.
    languages = models.JSONField(default=dict, blank=True, help_text="lines by language")
    left_out = models.JSONField(default=dict, blank=True, help_text="files and lines by reason")
    counted_at = models.DateTimeField(null=True, blank=True)
    # When its code was last seen to be another than before.
    changed_at = models.DateTimeField(null=True, blank=True)

    next_count_at = models.DateTimeField(default=timezone.now)
    requested_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True, blank=True, editable=False)
    leased_until = models.DateTimeField(null=True, blank=True)

    objects = ProjectSizeQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["next_count_at"], name="size_due")]

    def __str__(self) -> str:
        return f"{self.loc} lines"

    @property
    def is_requested(self) -> bool:
        """Whether somebody waits for it."""
        return self.requested_at is not None

    @property
    def idle(self) -> str:
        """For how long nothing changed, in words; empty where something did."""
        days = (timezone.now() - self.changed_at).days if self.changed_at else 0
        return f"Idle for {days // 30} months" if days >= IDLE else ""

    @property
    def words(self) -> str:
        """Why the newest attempt found nothing."""
        return Skip(self.skipped).label if self.skipped else ""


class LineCount(models.Model):
    """A branch of a project at a commit, counted. Never changed, save for what is current."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="counts")
    branch = models.CharField(max_length=1024)
    commit = models.CharField(max_length=64)
    version = models.CharField(max_length=64, help_text="of the tool, the rules and the list")
    code = models.PositiveBigIntegerField()
    count = models.JSONField(help_text="see projects.counting.Count")
    is_current = models.BooleanField(default=True)
    counted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "branch", "commit", "version"], name="branch_counted_once"
            )
        ]
        indexes = [models.Index(fields=["project", "is_current"], name="count_current")]

    def __str__(self) -> str:
        return f"{self.branch} at {self.commit[:8]}: {self.code}"


class UsageReading(models.Model):
    """Lines in use on a day: of a project when they changed, of an organization every day."""

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="usage_readings"
    )
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.CASCADE, related_name="usage_readings"
    )
    day = models.DateField()
    loc = models.PositiveBigIntegerField()
    projects = models.PositiveIntegerField(default=1, help_text="that were summed")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "day"],
                condition=Q(project=None),
                name="one_reading_a_day",
            ),
            models.UniqueConstraint(
                fields=["project", "day"],
                condition=Q(project__isnull=False),
                name="one_reading_a_project_and_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loc} lines on {self.day}"
