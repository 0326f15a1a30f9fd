"""The rules that people are billed by, published as they are: from the lists the counter reads."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from projects import counting
from projects.code import LARGEST_ARCHIVE, MOST_SIDE_BRANCHES
from projects.counting import Reason, attributes, counter, languages, rules, tool
from projects.reasons import WORDS
from projects.recounting import HOURS, NIGHT

# What is left out for what it is, and by no list of names.
OTHERWISE = [reason for reason in Reason if reason not in {rule.reason for rule in rules.RULES}]


@login_not_required
def published(request: HttpRequest) -> HttpResponse:
    """For anybody, also before signing up."""
    context = {
        "rules": [_rule(rule) for rule in rules.RULES],
        "otherwise": [WORDS[reason] for reason in OTHERWISE],
        "languages": len(set(languages.known().values()) - languages.NOT_CODE),
        "not_code": sorted(languages.NOT_CODE, key=str.lower),
        "own_attribute": attributes.COUNTS,
        "rules_version": rules.VERSION,
        "tool_version": tool.version(),
        "version": counting.version(),
        "side_branches": MOST_SIDE_BRANCHES,
        "archive_gb": LARGEST_ARCHIVE // 10**9,
        "file_mb": counter.LARGEST_FILE // counter.MB,
        "night": f"{NIGHT:%H:%M}",
        "morning": f"{NIGHT.replace(hour=NIGHT.hour + HOURS):%H:%M}",
    }
    return render(request, "projects/rules.html", context)


def _rule(rule: rules.Rule) -> dict[str, Any]:
    """Names as one would write them: `vendor/`, `*.tests/`, `conftest.py`, `*_test.py`."""
    kinds = {
        "Folders": [f"{name}/" for name in rule.folders] + [f"*{e}/" for e in rule.folder_endings],
        "Files": [*rule.names, *(f"*{ending}" for ending in rule.endings)]
        + [f"{first}*{last}" for first, last in rule.beginnings],
    }
    lists = [(kind, sorted(names, key=str.lower)) for kind, names in kinds.items() if names]
    return {"words": WORDS[rule.reason], "reason": rule.reason.value, "lists": lists}
