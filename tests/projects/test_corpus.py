"""The counter agrees with a person, file by file: `corpus/labels.txt` tells how it was labelled."""

from collections import Counter as Tally
from pathlib import Path

import pytest

from projects.counting import Counter
from tests.projects.archives import zip_of

CORPUS = Path(__file__).parent / "corpus"
LABELS = dict(
    row.split(" = ")
    for row in (CORPUS / "labels.txt").read_text().splitlines()
    if not row.startswith("#")
)
REPOSITORIES = sorted({path.partition("/")[0] for path in LABELS})


def files_of(repository):
    """By their names in an archive; on disk git and our own tools would follow some of them."""
    return {
        path.removeprefix(f"{repository}/").replace("gitattributes", ".gitattributes"): (
            CORPUS / path
        ).read_bytes()
        for path in LABELS
        if path.startswith(f"{repository}/")
    }


def outcome(counted, path):
    """Of one file, in the words of the labels. The notes beside it are no code."""
    for language, lines in counted.languages.items():
        return f"counts {language} {lines.code}"
    reasons = {
        named: f"{reason} {code}" if code else str(reason)
        for reason, left in counted.left_out.items()
        for code, named in left.examples
    }
    return reasons[path]


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_every_file_counts_as_a_person_counted_it(repository):
    files = files_of(repository)
    notes = {path: files[path] for path in files if path.endswith(".gitattributes")}

    counted = {
        path: outcome(Counter(zip_of({**notes, path: content})).run(), path)
        for path, content in files.items()
    }

    on_disk = {path.replace(".git", "git"): said for path, said in counted.items()}
    assert on_disk == {
        path.removeprefix(f"{repository}/"): said
        for path, said in LABELS.items()
        if path.startswith(f"{repository}/")
    }


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_a_repository_is_the_sum_of_its_files(repository):
    labels = [said.split() for path, said in LABELS.items() if path.startswith(f"{repository}/")]

    counted = Counter(zip_of(files_of(repository))).run()

    counting = [int(words[-1]) for words in labels if words[0] == "counts"]
    assert (counted.files, counted.code) == (len(counting), sum(counting))
    left_out = {reason: left.files for reason, left in counted.left_out.items()}
    assert left_out == Tally(words[0] for words in labels if words[0] != "counts")


def test_every_file_of_the_corpus_has_a_label():
    found = {path.relative_to(CORPUS).as_posix() for path in CORPUS.rglob("*") if path.is_file()}

    assert found == {*LABELS, "labels.txt"}
    assert 100 < len(found) < 120
