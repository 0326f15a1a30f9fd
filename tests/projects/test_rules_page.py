"""The rules that people are billed by, for anybody to read."""

from projects.counting import Reason, rules
from projects.reasons import WORDS

RULES = "/lines-of-code/"


def test_anybody_reads_the_rules_and_they_cost_nothing(client, db, queries):
    with queries() as asked:
        page = client.get(RULES)

    assert page.status_code == 200
    assert len(asked) == 0


def test_every_name_that_leaves_something_out_is_on_the_page(client, db):
    page = client.get(RULES).text

    for rule in rules.RULES:
        named = [f"<code>{name}/</code>" for name in rule.folders]
        named += [f"<code>{name}</code>" for name in rule.names]
        named += [f"<code>*{ending}</code>" for ending in rule.endings]
        named += [f"<code>{first}*{last}</code>" for first, last in rule.beginnings]
        assert [name for name in named if name not in page] == []


def test_every_reason_has_its_words(client, db):
    page = client.get(RULES).text

    assert set(WORDS) == set(Reason)
    assert [words.title for words in WORDS.values() if words.title not in page] == []


def test_how_to_say_otherwise_and_by_which_version_is_on_the_page(client, db):
    page = client.get(RULES).text

    assert "mooring-counts" in page and "linguist-vendored" in page
    assert f"Rules {rules.VERSION}" in page
