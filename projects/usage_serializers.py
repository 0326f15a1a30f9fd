"""Lines of code as the API gives them."""

from typing import Any

from rest_framework import serializers

from projects.counting import Reason
from projects.models import LineCount, Project, UsageReading
from projects.skips import Skip


class UsageOut(serializers.Serializer[Any]):
    """What is in use: of each private project its largest branch, summed."""

    loc = serializers.IntegerField()
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
    adds = serializers.IntegerField(help_text="To the lines in use: nothing where it is free.")
    counted_at = serializers.DateTimeField(allow_null=True)
    skipped = serializers.ChoiceField(
        Skip.choices, allow_null=True, help_text="Why the newest attempt found nothing."
    )

    def to_representation(self, project: Project) -> dict[str, Any]:
        size = getattr(project, "size", None)
        loc = size.loc if size else None
        return {
            "project": project.key,
            "branch": size.branch or None if size else None,
            "loc": loc,
            "is_free": project.is_public,
            "adds": 0 if project.is_public else loc or 0,
            "counted_at": size.counted_at if size else None,
            "skipped": size.skipped or None if size else None,
        }


class ReadingOut(serializers.ModelSerializer[UsageReading]):
    class Meta:
        model = UsageReading
        fields = ["day", "loc", "projects"]


class LanguageOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    files = serializers.IntegerField()
    code = serializers.IntegerField()
    comment = serializers.IntegerField()
    blank = serializers.IntegerField()


class ExampleOut(serializers.Serializer[Any]):
    path = serializers.CharField()
    code = serializers.IntegerField()


class LeftOutOut(serializers.Serializer[Any]):
    reason = serializers.ChoiceField([reason.value for reason in Reason])
    files = serializers.IntegerField()
    code = serializers.IntegerField(help_text="What they would have added, as far as looked at.")
    examples = ExampleOut(many=True, help_text="The largest ten.")


class BranchOut(serializers.Serializer[Any]):
    branch = serializers.CharField()
    commit = serializers.CharField()
    loc = serializers.IntegerField(source="code")
    version = serializers.CharField()
    counted_at = serializers.DateTimeField()
    languages = LanguageOut(many=True)
    left_out = LeftOutOut(many=True)

    def to_representation(self, count: LineCount) -> dict[str, Any]:
        languages, left_out = count.count["languages"], count.count["left_out"]
        by_size = sorted(languages.items(), key=lambda item: (-item[1]["code"], item[0]))
        return {
            "branch": count.branch,
            "commit": count.commit,
            "loc": count.code,
            "version": count.version,
            "counted_at": count.counted_at,
            "languages": [{"name": name, **lines} for name, lines in by_size],
            "left_out": [_left_out(*each) for each in sorted(left_out.items())],
        }


def _left_out(reason: str, left: dict[str, Any]) -> dict[str, Any]:
    examples = [{"path": path, "code": code} for code, path in left["examples"]]
    return {"reason": reason, "files": left["files"], "code": left["code"], "examples": examples}


class CountsOut(serializers.Serializer[Any]):
    """A project's newest count, the branch that counts first."""

    project = serializers.CharField()
    loc = serializers.IntegerField(allow_null=True, help_text="Null before the first count.")
    is_counting = serializers.BooleanField(help_text="Whether somebody asked and waits for it.")
    counted_at = serializers.DateTimeField(allow_null=True)
    skipped = serializers.ChoiceField(Skip.choices, allow_null=True)
    uncounted_branches = serializers.IntegerField(help_text="Which changed longest ago.")
    branches = BranchOut(many=True)
