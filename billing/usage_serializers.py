"""Lines in use as the API gives them."""

from typing import Any

from rest_framework import serializers

from projects.skips import Skip


class UsageOut(serializers.Serializer[Any]):
    """What is in use: of each private project its largest branch, summed."""

    loc = serializers.IntegerField(help_text="What the limit is compared with.")
    counted = serializers.IntegerField(help_text="The part of it that was counted.")
    declared = serializers.IntegerField(
        help_text="The part that analyses said since, until the next count takes its place."
    )
    projects = serializers.IntegerField(help_text="Private ones with a count, which are summed.")
    public_projects = serializers.IntegerField(help_text="Free, and not in the sum.")
    uncounted_projects = serializers.IntegerField(help_text="Private ones without a count yet.")
    counting = serializers.IntegerField(help_text="Projects whose count somebody asked for.")
    counted_at = serializers.DateTimeField(allow_null=True, help_text="The newest count.")
    version = serializers.CharField(help_text="Of the tool and the rules that count today.")


class UsageOfProjectOut(serializers.Serializer[Any]):
    """What one project adds."""

    project = serializers.CharField(source="key")
    branch = serializers.CharField(allow_null=True, help_text="The largest one, which counts.")
    loc = serializers.IntegerField(allow_null=True, help_text="Null before the first count.")
    is_free = serializers.BooleanField(source="is_public")
    declared = serializers.IntegerField(help_text="What analyses added to that since.")
    adds = serializers.IntegerField(help_text="To the lines in use: nothing where it is free.")
    counted_at = serializers.DateTimeField(allow_null=True)
    skipped = serializers.ChoiceField(
        Skip.choices, allow_null=True, help_text="Why the newest attempt found nothing."
    )

    def to_representation(self, project: Any) -> dict[str, Any]:
        """Of a project with what `with_lines` adds."""
        size = getattr(project, "size", None)
        return {
            "project": project.key,
            "branch": size.branch or None if size else None,
            "loc": size.loc if size else None,
            "is_free": project.is_public,
            "declared": 0 if project.is_public else project.lines - project.counted,
            "adds": 0 if project.is_public else project.lines,
            "counted_at": size.counted_at if size else None,
            "skipped": size.skipped or None if size else None,
        }
