"""The published formats, checked against published values where there are any."""

import re
from datetime import UTC, date, datetime

import pytest

from sandbox.azure.samples import sample_tokens
from sandbox.azure.token_format import (
    current_secret,
    is_well_formed,
    legacy_secret,
    marvin32,
)

CURRENT = re.compile(r"[A-Za-z0-9]{52}JQQJ99[A-Z][A-L][A-Za-z0-9]{12}AAAAAZDO[A-Za-z0-9]{4}")
LABELS = [sample.label for sample in sample_tokens()]


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"", 0x30ED35C100CD3C7D), (b"\xaf", 0x48E73FC77D75DDC1), (b"\xe7\x0f", 0xB5F6E1FC485DBFF8)],
)
def test_marvin_agrees_with_the_reference_implementation(data, expected):
    assert marvin32(data, seed=0x004FB61A001BDBCC) == expected


def test_a_current_token_tells_its_month():
    token = current_secret("seed", date(2026, 11, 24))

    assert CURRENT.fullmatch(token)
    assert token[58:60] == "CK"
    assert is_well_formed(token)


def test_a_legacy_token_has_its_checksum():
    token = legacy_secret("seed")

    assert re.fullmatch("[a-z2-7]{52}", token)
    assert is_well_formed(token)


@pytest.mark.parametrize("token", [current_secret("a", date(2026, 1, 1)), legacy_secret("a")])
def test_a_typo_is_seen(token):
    for at in (0, 20, len(token) - 1):
        wrong = token[:at] + ("b" if token[at] != "b" else "c") + token[at + 1 :]
        assert not is_well_formed(wrong)


@pytest.mark.parametrize("text", ["", "healthy", "x" * 84, "x" * 52, "1" * 52])
def test_other_text_is_no_token(text):
    assert not is_well_formed(text)


def test_tokens_differ_by_label_and_stay_the_same_all_month(sandbox):
    tokens = [sandbox.token(label) for label in LABELS]

    assert len(set(tokens)) == len(LABELS) == len(set(LABELS))
    assert tokens == [sandbox.token(label) for label in LABELS]


def test_last_months_token_still_works(ask):
    now = datetime.now(UTC).date()
    old = current_secret("sandbox/healthy", date(now.year - 1, now.month, 1))

    assert ask(None, "/contoso/_apis/projects", token=old).status == 200
    assert ask(None, "/contoso/_apis/git/repositories", token=old[:-1] + "0").names == [
        "tide-gauge"
    ]
