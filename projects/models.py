"""What we analyse: projects, usually made from repositories."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from bindings.models import Repository
from core.secrets import SealedTextField
from organizations.models import Organization
from projects.keys import KEY_PATTERN, MAX_LENGTH
from projects.rules import LONGEST

HAS_TOKEN = Q(secret__isnull=False) & ~Q(last_four="") & ~Q(fingerprint="")
HAS_NO_TOKEN = Q(secret__isnull=True, last_four="", fingerprint="", token_expires_on=None)


class ProjectQuerySet(models.QuerySet["Project"]):
    def private(self) -> Self:
        """Those whose lines are paid for."""
        return self.filter(Q(repository__is_public=False) | Q(declared_public=False))

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


class Project(models.Model):
    """What we analyse. It keeps its key and name when its repository is renamed.

    Whether it is public is the repository's to say, so that the two can't drift apart;
    `declared_public` is for a project without one. A token of its own, where it has one, is
    encrypted, bound to this row and never shown.
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
    declared_public = models.BooleanField(null=True, blank=True)
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
                condition=Q(repository=None, declared_public__isnull=False)
                | Q(repository__isnull=False, declared_public=None),
                name="project_visibility_has_one_source",
            ),
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
        return self.repository.is_public if self.repository else bool(self.declared_public)

    @property
    def visibility(self) -> str:
        return "public" if self.is_public else "private"

    @property
    def has_own_token(self) -> bool:
        return bool(self.fingerprint)

    @property
    def is_renamed(self) -> bool:
        """Whether the repository has another name by now, or had one from the start."""
        return self.repository is not None and self.repository.name != self.name

    @property
    def is_vanished(self) -> bool:
        """Whether nobody sees the repository any more; a token of its own may see more."""
        gone = self.repository is not None and self.repository.vanished_at is not None
        return gone and not self.has_own_token
