"""What counts in a project, in the syntax of .gitattributes. Stored here, read by the counter."""

import re

LONGEST = 4000
ATTRIBUTE = re.compile(r"[-!]?[A-Za-z0-9_.][A-Za-z0-9_.-]*(?:=\S*)?")
# A pattern with white space in it stands in quotation marks.
LINE = re.compile(r'(?P<pattern>"(?:[^"\\]|\\.)*"|\S+)(?P<attributes>.*)')


def problem_with_rules(text: str) -> str | None:
    """What is wrong with the first line that can't be read, in words; None when all can."""
    if len(text) > LONGEST:
        return f"These rules have {len(text):,} characters; {LONGEST:,} is the most."
    for number, line in enumerate(text.splitlines(), 1):
        if problem := _problem_with(line.strip()):
            return f"Line {number}: {problem}"
    return None


def _problem_with(line: str) -> str | None:
    if not line or line.startswith("#"):
        return None
    read = LINE.fullmatch(line)
    if read is None:
        return "this can't be read as a pattern and its attributes."
    pattern, attributes = read["pattern"], read["attributes"].split()
    if pattern.startswith("!"):
        return "a pattern can't start with an exclamation mark. Take an attribute back instead."
    if not attributes:
        return "after the pattern comes what is said of it, such as linguist-vendored."
    strange = next((each for each in attributes if not ATTRIBUTE.fullmatch(each)), None)
    return f"“{strange[:40]}” is no attribute." if strange else None
