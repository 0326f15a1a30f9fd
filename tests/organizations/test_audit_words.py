"""What is recorded is said in words, whichever room records it."""

import re
from pathlib import Path

from billing.models import Operation
from claims.models import AccessClaim
from organizations import audit
from organizations.actions import TITLES, facts_of, title_of
from tests.factories import OrganizationFactory
from tests.test_house_rules import FILES

# What stands in a call of `record`, and what looks like an action elsewhere in such a module.
RECORDED = re.compile(r'\b(?:_?record|report_once)\(\s*[\w.\[\]]+,\s*f?"([\w.{}]+)"')
# Every move of a claim is noted under the state it leads to.
MOVED = [f"claim.{state}" for state in AccessClaim.State if state != "gathering"]
NOTED = re.compile(r'(?:\bnote\(\s*\w+,\s*|\baction = |\belse )"(\w+)"')
FAMILIES = {action.partition(".")[0] for known in TITLES.values() for action in known}
LOOKS_LIKE_ONE = re.compile(rf'"((?:{"|".join(FAMILIES)})\.(?!view_)[a-z_{{}}]+)"')


def recorded_in(module: Path):
    """Every action that a module records, as it stands there."""
    source = module.read_text()
    if "claims" in module.parts and re.search(r"\bnote\(", source):
        yield from [f"claim.{action}" for action in NOTED.findall(source)]
    if not re.search("audit|report_once", source) or module.name == "actions.py":
        return
    for action in RECORDED.findall(source) + LOOKS_LIKE_ONE.findall(source):
        yield from [action.replace("{kind}", kind) for kind in Operation.Kind.values]


def test_every_action_has_a_title_and_every_title_an_action():
    found = {action for module in FILES for action in recorded_in(module)}
    found = found - {"claim.{action}"} | set(MOVED)
    titled = {action for known in TITLES.values() for action in known}

    assert len(found) > 50
    assert found == titled


def test_every_title_is_said_once():
    said = [title for known in TITLES.values() for title in known.values()]

    assert len(set(said)) == len(said)


def test_what_an_older_version_recorded_is_shown_by_its_name(browser_of, alice):
    audit.record(OrganizationFactory(key="harbour", owner=alice), "berth.painted", by=alice)

    assert title_of("berth.painted") == "berth.painted"
    assert "berth.painted" in browser_of(alice).get("/organizations/harbour/audit/").text


def test_facts_are_in_words_and_without_names_of_our_rows():
    data = {
        "operation": "0b0e2c1c",
        "standby": True,
        "loc_limit": 250_000,
        "keys": ["crane", "quay"],
        "quoted": {"amount_due": 3200},
        "reason": "",
        "before": None,
        "verdict": "token_expired",
        "platform": "azure_devops",
    }

    assert facts_of(data) == [
        ("Waits until it is needed", "yes"),
        ("Lines in the plan", "250,000"),
        ("Projects", "crane, quay"),
        ("Quoted", "amount due 3,200"),
        ("Verdict", "token expired"),
        ("Platform", "Azure DevOps"),
    ]
