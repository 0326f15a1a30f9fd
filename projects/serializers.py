"""Projects as the API takes and gives them."""

from typing import Any

from rest_framework import serializers

from bindings.models import Repository
from projects.keys import MAX_LENGTH, problem_with_key
from projects.models import Estimate, Project

VISIBILITIES = ["private", "public"]


class RepositoryOfProjectOut(serializers.ModelSerializer[Repository]):
    class Meta:
        model = Repository
        fields = ["id", "name", "project_name", "web_url", "vanished_at"]


class ProjectOut(serializers.ModelSerializer[Project]):
    visibility = serializers.ChoiceField(choices=VISIBILITIES)
    repository = RepositoryOfProjectOut(
        allow_null=True, help_text="Null for a project that was made without one."
    )

    class Meta:
        model = Project
        fields = ["id", "key", "name", "visibility", "repository", "created_at"]

    def to_representation(self, project: Project) -> dict[str, Any]:
        shown = super().to_representation(project)
        if shown["repository"] and not project.is_vanished:
            # Only a token of the project's own sees it, so it is not gone.
            shown["repository"]["vanished_at"] = None
        return shown


class ProjectIn(serializers.Serializer[Any]):
    """A repository by its id, or a name for a project without one."""

    repository = serializers.UUIDField(
        required=False, help_text="Its `id`, as `GET …/repositories` has it."
    )
    name = serializers.CharField(
        required=False,
        max_length=255,
        help_text="The repository's name where it is left out. Needed without a repository.",
    )
    key = serializers.CharField(
        required=False, max_length=MAX_LENGTH, help_text="Made from the name where it is left out."
    )

    def validate_key(self, key: str) -> str:
        if problem := problem_with_key(key):
            raise serializers.ValidationError(problem)
        return key

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "visibility" in self.initial_data:
            raise serializers.ValidationError(
                {"visibility": ["It is what the repository's platform says; without one, private."]}
            )
        if "repository" not in attrs and "name" not in attrs:
            raise serializers.ValidationError(
                {"name": ["Send a repository, or a name for a project without one."]}
            )
        return attrs


class EstimateOut(serializers.Serializer[Any]):
    """An estimate so far. `low` and `high` are between what its sum will be; null for too early
    to tell.
    """

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Estimate.State.choices)
    loc = serializers.IntegerField()
    low = serializers.IntegerField(allow_null=True)
    high = serializers.IntegerField(allow_null=True)
    repositories = serializers.IntegerField(help_text="private ones")
    counted = serializers.IntegerField()
    skipped = serializers.IntegerField()
    failed = serializers.IntegerField(
        help_text="among the skipped: their lines are missing in `loc`"
    )
    public = serializers.IntegerField(help_text="free, and not counted")
    seconds_left = serializers.IntegerField(allow_null=True)
