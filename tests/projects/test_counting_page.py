"""What is published about counting is what is done."""

from pathlib import Path

from bin.compare_counts import rules_table
from projects.counting import rules

PAGE = (Path(__file__).parents[2] / "docs" / "counting.md").read_text()


def test_the_published_rules_are_the_ones_that_hold():
    assert f"\n\n{rules_table()}\n\n" in PAGE
    assert f"rules {rules.VERSION} " in PAGE


def test_every_rule_is_shown():
    shown = rules_table()

    for rule in rules.RULES:
        assert all(f"`{name}`" in shown for name in (*rule.folders, *rule.names))
        assert all(f"`…{end}`" in shown for end in (*rule.folder_endings, *rule.endings))
