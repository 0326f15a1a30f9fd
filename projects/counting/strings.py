"""Strings, put so that the tool can't take one for longer than it is.

For many languages the tool believes that every quote opens a string, which ends only at the next
one: after `/["]/`, `'"'` or `<p>don't</p>` it takes comments for code, sometimes to the end of the
file. So in their files every string becomes a word of as many letters before the tool sees it, and
white space in it stays. In Python, a text in three quotes that stands alone becomes a comment.

No file makes this slow: a string that does not end is tried once, because what is escaped is
passed over inside and outside of strings alike.
"""

import re

LONGEST_LINE = 200

_LINE, _BLOCK = rb"//[^\n]*", rb"/\*(?:.*?\*/|.*)"
_ESCAPED, _ALONE = rb"\\.", rb"[\"'`]"
_ONE_LINE = rb"'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'|" + rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"'
_THREE = (
    rb'"""[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*+"""|'
    rb"'''[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*+'''"
)
_TEMPLATE = rb"`[^`\\]*+(?:\\.[^`\\]*+)*+`"
# A slash where a division can't be, up to its fellow on the same line.
_REGEX = (
    rb"(?<=[=(,:;!&|?{}\[+~^\s])/(?![*/ =>])"
    rb"(?:[^/\\\[\n]|\\[^\n]|\[[^\]\\\n]{0,60}+(?:\\[^\n][^\]\\\n]{0,60}+){0,20}+\]){1,200}+/"
)
_RUST = (
    rb'\br(?P<marks>#{0,8})"(?:.*?"(?P=marks)|.*)|"[^"\\]*+(?:\\.[^"\\]*+)*+"|'
    rb"'(?:\\[^\n][^'\n]{0,8}|[^'\\\n]{1,4})'"
)


def _any_of(*expressions: bytes) -> re.Pattern[bytes]:
    return re.compile(b"|".join((*expressions, _ALONE)), re.DOTALL | re.MULTILINE)


_C_LIKE = _any_of(_ESCAPED, _LINE, _BLOCK, _THREE, _ONE_LINE)
_SCRIPT = _any_of(_ESCAPED, _LINE, _BLOCK, _ONE_LINE, _TEMPLATE, _REGEX)
# What stands alone on its lines is documentation.
_PYTHON = _any_of(
    _ESCAPED,
    rb"#[^\n]*",
    rb"^[ \t]*+[rRuU]?(?P<alone>" + _THREE + rb")(?=[ \t\r]*(?:[#\n]|\Z))",
    _THREE,
    _ONE_LINE,
)
# Behind one of these it is an argument, or part of an expression.
_GOES_ON = (*(bytes([c]) for c in b"([{,=+%|\\"), b"return")
_LINE_OF_TEXT = re.compile(rb"[^\s][^\n]*")
_IN_LANGUAGE = {
    **dict.fromkeys(
        ("Gradle", "Groovy", "Jenkins Buildfile", "Kotlin", "LESS", "Protocol Buffers", "Sass",
         "Scala"),
        _C_LIKE,
    ),
    **dict.fromkeys(("JavaScript", "JSX", "TypeScript", "TypeScript Typings"), _SCRIPT),
    **dict.fromkeys(("Cython", "Python"), _PYTHON),
    "Rust": _any_of(_ESCAPED, _LINE, _BLOCK, _RUST),
    "Dockerfile": _any_of(_ESCAPED, rb"^[ \t]*+#[^\n]*", _ONE_LINE),
    "MATLAB": _any_of(rb"%[^\n]*", rb"'[^'\n]*'", rb'"[^"\n]*"'),
}  # fmt: skip
_STAYS = (b"//", b"/*", b"%", b"#", b"\\")
_TO_WORDS = bytes(c if c in b" \t\r\n" else ord("x") for c in range(256))


def as_words(content: bytes, language: str) -> bytes:
    """The same file with a word for each string, in a language whose strings mislead the tool."""
    expression = _IN_LANGUAGE.get(language)
    return expression.sub(_as_word, content) if expression else content


def _as_word(found: re.Match[bytes]) -> bytes:
    text = found[0]
    if found.re is _PYTHON and found["alone"] and not _goes_on(found.string, found.start()):
        return _LINE_OF_TEXT.sub(b"#", text)
    return text if text.startswith(_STAYS) else text.translate(_TO_WORDS)


def _goes_on(content: bytes, at: int) -> bool:
    """Whether the line before, as far as it is code, is not complete."""
    before = content[max(0, at - LONGEST_LINE) : at].rstrip().rpartition(b"\n")[2]
    return before.partition(b"#")[0].rstrip().endswith(_GOES_ON)
