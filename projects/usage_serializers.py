"""Lines of code as the API gives them."""

from typing import Any

from rest_framework import serializers

from projects.counting import Reason
from projects.models import LineCount, UsageReading
from projects.skips import Skip


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
