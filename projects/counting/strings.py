"""Strings, put so that the tool can't take one for longer than it is.

For many languages the tool believes that every quote opens a string, which ends only at the next
one: after `/["]/`, `'"'` or `<p>don't</p>` it takes comments for code, sometimes to the end of the
file. So in their files every string becomes a word of as many letters before the tool sees it, and
white space in it stays. In Python, a text in three quotes that stands alone becomes a comment.

No file makes this slow: a string that does not end is tried once, because what is escaped is
passed over inside and outside of strings alike.
"""

import re
from collections.abc import Iterator

FORTRAN = "FORTRAN Legacy"

# Every alternative begins with one certain byte: only then are the bytes between them passed over
# quickly.
_LINE, _BLOCK = rb"//[^\n]*", rb"/\*(?:.*?\*/|.*)"
_ESCAPED, _ALONE = rb"\\.", rb"\"|'|`"
_ONE_LINE = rb"'[^'\\\n]*+(?:\\.[^'\\\n]*+)*+'|" + rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"'
_DOUBLE = rb'"""[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*+"""'
_SINGLE = rb"'''[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*+'''"
_TEMPLATE = rb"`[^`\\]*+(?:\\.[^`\\]*+)*+`"
# A slash where a division can't be, up to its fellow on the same line, which is looked for in so
# many bytes: a line may have a slash behind every bracket, and none that ends anything.
_SLASH = rb"/(?<=[=(,:;!&|?{}\[+~^\s]/)(?![*/ =>])"
_REGEX = re.compile(rb"(?:[^/\\\[\n]++|\\[^\n]|\[[^\]\\\n]*+(?:\\[^\n][^\]\\\n]*+)*+\])++/")
_LONGEST_REGEX = 400
_RUST = (
    rb'r(?<![A-Za-ac-z0-9_]r)(?P<marks>#{0,8})"(?:.*?"(?P=marks)|.*)|"[^"\\]*+(?:\\.[^"\\]*+)*+"|'
    rb"'(?:\\[^\n][^'\n]{0,8}|[^'\\\n]{1,4})'"
)


def _any_of(*expressions: bytes) -> re.Pattern[bytes]:
    return re.compile(b"|".join((*expressions, _ALONE)), re.DOTALL)


_C_LIKE = _any_of(_ESCAPED, _LINE, _BLOCK, _DOUBLE, _SINGLE, _ONE_LINE)
_SCRIPT = _any_of(_ESCAPED, _LINE, _BLOCK, _ONE_LINE, _TEMPLATE, _SLASH)
_PYTHON = _any_of(
    _ESCAPED, rb"#[^\n]*", _DOUBLE, _SINGLE, b"r" + _DOUBLE, b"r" + _SINGLE, _ONE_LINE
)
_IN_LANGUAGE = {
    **dict.fromkeys(
        ("Gradle", "Groovy", "Jenkins Buildfile", "Kotlin", "LESS", "Protocol Buffers", "Sass",
         "Scala"),
        _C_LIKE,
    ),
    **dict.fromkeys(("JavaScript", "JSX", "TypeScript", "TypeScript Typings"), _SCRIPT),
    **dict.fromkeys(("Cython", "Python"), _PYTHON),
    "Rust": _any_of(_ESCAPED, _LINE, _BLOCK, _RUST),
    "Assembly": _any_of(_ESCAPED, _LINE, _BLOCK, rb";[^\n]*", _ONE_LINE),
    "Dockerfile": _any_of(_ESCAPED, _ONE_LINE),
    "MATLAB": _any_of(rb"%[^\n]*", rb"'[^'\n]*'", rb'"[^"\n]*"'),
}  # fmt: skip
# Of assemblers that don't begin one with `;`, which alone the tool knows. `#` is also the sign of
# what is done before.
_OTHER_COMMENT = re.compile(
    rb"\n[ \t]*+(?:@(?![@\w])|#(?![ \t]*(?:define|elif|else|endif|error|if|include|pragma|undef)))"
)
# In the first column, which alone makes a comment of them: the tool looks for them everywhere.
_FIRST_COLUMN = re.compile(rb"\n[CcDd*]")
_STAYS = (b"//", b"/*", b"%", b"#", b"\\")
_TO_WORDS = bytes(c if c in b" \t\r\n" else ord("x") for c in range(256))

_LONGEST_LINE = 200
_BLANK = b" \t\r"
_THREE = (b'"""', b"'''", b'r"""', b"r'''")
# Behind one of these a text is an argument, or part of an expression.
_GOES_ON = (*(bytes([c]) for c in b"([{,=+%|\\"), b"return")
_LINE_OF_TEXT = re.compile(rb"[^\s][^\n]*")
_QUOTES, _ESCAPED_QUOTE = b'"""', re.compile(rb"\\[\"']")
_NOTHING_MORE = re.compile(rb"[ \t\r]*(?:[#\n]|\Z)")


def as_words(content: bytes, language: str) -> bytes | None:
    """The same file with a word for each string, in a language whose strings mislead the tool."""
    expression = _IN_LANGUAGE.get(language)
    if language == FORTRAN:
        return _FIRST_COLUMN.sub(b"\n!", b"\n" + content)[1:]
    if expression is None:
        return None
    if expression is _PYTHON:
        is_plain = language == "Python" and _is_plain(content)
        return content if is_plain else expression.sub(_python, content)
    if expression is _SCRIPT:
        return b"".join(_script(content))
    if language == "Assembly":
        return expression.sub(_assembly, _OTHER_COMMENT.sub(b"\n;", b"\n" + content)[1:])
    return expression.sub(_as_word, content)


def _script(content: bytes) -> Iterator[bytes]:
    """With a word for each regular expression, too."""
    at = 0
    while found := _SCRIPT.search(content, at):
        yield content[at : found.start()]
        at = found.end()
        if found[0] != b"/":
            yield _as_word(found)
        elif ended := _REGEX.match(content, at, at + _LONGEST_REGEX):
            at = ended.end()
            yield content[found.start() : at].translate(_TO_WORDS)
        else:
            yield found[0]
    yield content[at:]


def _as_word(found: re.Match[bytes]) -> bytes:
    text = found[0]
    is_quoted = text[0] in b"\"'`"
    return text.translate(_TO_WORDS) if is_quoted or not text.startswith(_STAYS) else text


def _assembly(found: re.Match[bytes]) -> bytes:
    return b";" if found[0].startswith((b"//", b";")) else _as_word(found)


def _python(found: re.Match[bytes]) -> bytes:
    text = found[0]
    if text[0] in b"#\\":
        return text
    if text.startswith(_THREE) and _stands_alone(found):
        return _LINE_OF_TEXT.sub(b"#", text)
    return text.translate(_TO_WORDS)


def _stands_alone(found: re.Match[bytes]) -> bool:
    """As documentation does: nothing else is on its lines, and the line before is complete."""
    content = found.string
    return _begins(content, found.start()) and bool(_NOTHING_MORE.match(content, found.end()))


def _begins(content: bytes, at: int) -> bool:
    """Whether a statement does."""
    line, end, here = content[max(0, at - _LONGEST_LINE) : at].rpartition(b"\n")
    if here.strip(_BLANK) or not (end or at < _LONGEST_LINE):
        return False
    before = line.rstrip().rpartition(b"\n")[2].partition(b"#")[0].rstrip()
    return not before.endswith(_GOES_ON)


def _is_plain(content: bytes) -> bool:
    """Python that the tool reads well: no text in three quotes but documentation, and no quote
    behind a backslash. Most files are, and this is quicker than to look at every string.
    """
    if b"'''" in content or _ESCAPED_QUOTE.search(content):
        return False
    is_open, at = False, content.find(_QUOTES)
    while at >= 0:
        if not (_NOTHING_MORE.match(content, at + 3) if is_open else _begins(content, at)):
            return False
        is_open, at = not is_open, content.find(_QUOTES, at + 3)
    return not is_open
