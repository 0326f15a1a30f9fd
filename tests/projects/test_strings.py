"""A quote is no reason to take comments for code. Each of these once went wrong with the tool."""

import re
import tokenize
from io import StringIO
from pathlib import Path

import pytest

from projects.counting import Counter, strings
from projects.counting.strings import as_words
from tests.projects.archives import zip_of

TWO_COMMENTS = {"//": "// one\n/* two */\n", "#": "# one\n# two\n", "%": "% one\n% two\n"}


def code_of(name, text):
    counted = Counter(zip_of({name: text}), everything=True).run()
    return counted.code


@pytest.mark.parametrize(
    ("name", "line", "comment"),
    [
        ("a.js", 'let a = /["]/;', "//"),
        ("a.js", "return /'/.test(x) / 2;", "//"),
        ("a.js", "let a = `'${b}`;", "//"),
        ("a.js", "let a = b /2, c = 'd/e';", "//"),
        ("a.jsx", "<p>don't</p>", "//"),
        ("a.tsx", "<p>don't</p>", "//"),
        ("a.ts", "let a = /\\/'`/g;", "//"),
        ("a.rs", "let a = '\"';", "//"),
        ("a.rs", "fn a<'a>(b: &'a str) -> &'a str { r#\"\"\"# }", "//"),
        ("a.kt", "val a = '\"'", "//"),
        ("a.scala", "val a = '\"'", "//"),
        ("a.groovy", "def a = /'/", "//"),
        ("build.gradle", "a = '\"'", "//"),
        ("a.proto", "option a = '\"';", "//"),
        ("a.scss", "a { b: '\"' }", "//"),
        ("Dockerfile", "RUN echo don't", "#"),
        ("a.m", "a = b';", "%"),
        ("a.py", 'a = \'"""\'', "#"),
        ("a.py", "a = r'\\'", "#"),
        ("a.pyx", "cdef a = '\"'", "#"),
    ],
)
def test_a_quote_opens_no_string_that_was_none(name, line, comment):
    text = f"{line}\n{TWO_COMMENTS[comment] * 2}{line}\n"

    assert code_of(name, text) == 2


def test_an_assembler_begins_a_comment_with_other_signs_too():
    text = "@ one\n# don't\n// two\n#define A 1\nmov r0, #1 // it's\n; three\n/* four */\nb A\n"

    assert code_of("a.s", text) == 3


def test_a_letter_makes_a_comment_of_old_fortran_in_the_first_column_alone():
    text = "C     one\nc     don't\n*     two\n      call a('c')\n      X = 1 ! said\n!     three\n"

    assert code_of("a.f", text) == 2


def test_a_text_in_three_quotes_is_a_comment_where_it_stands_alone():
    text = '''\
"""Of the module."""
r"""Raw.

With a line between."""
run(
    """
    an argument

    """
)
def run():
    \'\'\'Of the function.
    """ in it
    \'\'\'  # noqa
    return """
text
"""
x = 1,
'''

    # `run(`, three of the argument, `)`, `def`, `return` with two more, `x`
    assert code_of("a.py", text) == 10


def test_a_blank_line_in_a_string_is_blank():
    assert code_of("a.js", "let a = `\none\n\n \n`;\n") == 3
    assert code_of("a.go", "var a = `\none\n\n`\n") == 3


def test_lines_stay_lines_and_white_space_stays():
    text = b"a = '''\n\tone \\\n\n'''  # it's\nb = \"x\\\"y\"\n"

    words = as_words(text, "Python")

    assert re.sub(rb"\S", b"", words) == re.sub(rb"\S", b"", text)
    assert words.endswith(b"# it's\nb = xxxxxx\n")


def test_our_own_files_are_counted_as_python_reads_them():
    for path in (Path(__file__), Path(strings.__file__)):
        assert code_of("a.py", path.read_text()) == code_by_python(path.read_text())


def code_by_python(text):
    """The lines of all but comments and statements that are nothing but a text in three quotes."""
    lines, code, begins = text.splitlines(), set(), True
    for token in tokenize.generate_tokens(StringIO(text).readline):
        if token.type in (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT):
            continue
        is_alone = begins and token.string.startswith(('"""', "'''"))
        begins = token.type == tokenize.NEWLINE
        if token.string.strip() and not is_alone:
            code |= set(range(token.start[0], token.end[0] + 1))
    return sum(1 for number in code if lines[number - 1].strip())


# For each a reader that goes back at every step would take days.
LANGUAGES = ["Python", "JavaScript", "Rust", "Assembly", "Kotlin", "Dockerfile", "MATLAB"]
PIECES = [
    *('"""\n\\', "'''\n\\", '\\"""\n', 'r#"', 'r##"\n', "`${", "\\`\n", " /[", " /a", " /[a]", "'"),
    *('"', "\\", "\n", " ", " \n", "/*", "/*/", "'''\"\"\"\\", "= /\\", "#\\\n", '"\\\n', "'\n\\"),
    *("\\'", "[=/", "=/[\\a", "=/[\\a]", "[=/" * 2 + "\\a" * 2 + "]", ";\\\n'", "\n# "),
]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", LANGUAGES)
@pytest.mark.parametrize("piece", PIECES)
def test_no_file_is_slow_to_read(name, piece):
    for start in ("", '"""x', "`", "'"):
        words = as_words((start + piece * 20_000).encode(), name)
        assert words.count(b"\n") == piece.count("\n") * 20_000
