"""What was admitted to be analysed."""

from django.db import models
from django.utils import timezone

from projects.models import Project


class Analysis(models.Model):
    """The newest analysis of a branch that was admitted. It counts until the project is counted."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="analyses")
    branch = models.CharField(max_length=1024)
    loc = models.PositiveBigIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "analyses"
        constraints = [
            models.UniqueConstraint(fields=["project", "branch"], name="newest_analysis_of_branch")
        ]
        indexes = [models.Index(fields=["at"], name="analyses_by_age")]

    def __str__(self) -> str:
        return f"{self.branch}: {self.loc}"
