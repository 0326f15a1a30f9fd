"""Amounts as Stripe keeps them, in minor units, and as people read them."""

# The power of ten between minor and major units is two unless listed. Iceland's crown and
# Uganda's shilling have no smaller coin either, and yet Stripe counts them in hundredths.
_NONE = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
_THREE = "bhd jod kwd omr tnd"
DIGITS = dict.fromkeys(_NONE.split(), 0) | dict.fromkeys(_THREE.split(), 3)
SIGNS = {"eur": "€", "gbp": "£", "usd": "$", "jpy": "¥"}
# Stays on one line, wherever it is shown.
SPACE, MINUS = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"


def digits_of(currency: str) -> int:
    return DIGITS.get(currency.lower(), 2)


def in_figures(amount: int, currency: str) -> str:
    """`32.00`, `1,234.50`, or `1,200` where a currency has no smaller coin. With a dot."""
    digits = digits_of(currency)
    major, minor = divmod(abs(amount), 10**digits)
    figures = f"{major:,}" + (f".{minor:0{digits}}" if digits else "")
    return MINUS + figures if amount < 0 else figures


def in_words(amount: int, currency: str) -> str:
    """`€ 32.00`, `CHF 32.00`, `−€ 5.00`: what a page, a mail and the record say."""
    sign = SIGNS.get(currency.lower(), currency.upper())
    figures = in_figures(abs(amount), currency)
    return f"{MINUS if amount < 0 else ''}{sign}{SPACE}{figures}"
