"""Amounts as people read them."""

import pytest

from billing.money import in_figures, in_words


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (3200, "eur", "€ 32.00"),
        (3200, "EUR", "€ 32.00"),
        (5, "usd", "$ 0.05"),
        (0, "gbp", "£ 0.00"),
        (123456789, "usd", "$ 1,234,567.89"),
        (-1999, "eur", "−€ 19.99"),
        (1200, "jpy", "¥ 1,200"),
        (1200, "krw", "KRW 1,200"),
        (1200, "kwd", "KWD 1.200"),
        (1200, "isk", "ISK 12.00"),
        (3200, "chf", "CHF 32.00"),
    ],
)
def test_an_amount_in_words_stays_on_one_line(amount, currency, words):
    assert in_words(amount, currency) == words.replace(" ", "\N{NO-BREAK SPACE}")


def test_figures_alone():
    assert in_figures(-1999, "eur") == "−19.99"
