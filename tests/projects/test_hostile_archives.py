"""Whatever an archive holds, it is counted or refused: quickly, in little memory, unharmed."""

import io
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.counting import Counter, NotCounted, Reason
from projects.counting.counter import LARGEST_FILE, LONGEST_PATH
from projects.counting.errors import NotAnArchive, TooMuchCode
from projects.counting.patterns import compiled
from projects.counting.zips import DamagedEntry, entries, unpack
from tests.projects.archives import Member, raw_zip, with_directory, zip_of

MB = 1024 * 1024
CODE = b"x = 1\n"


class OneWay(io.RawIOBase):
    """Takes an archive as a platform writes it: onwards only."""

    def __init__(self):
        self.written = io.BytesIO()

    def writable(self):
        return True

    def write(self, data):
        return self.written.write(data)


def reasons(counted):
    return {reason: left.files for reason, left in counted.left_out.items()}


def count(members, **options):
    return Counter(raw_zip(members), **options).run()


# What honest programs write

NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40
)
FILES = st.dictionaries(NAMES, st.binary(max_size=300), max_size=6)
END = b"PK\x05\x06"
# The library can't read what has that in its comment.
COMMENTS = st.binary(max_size=200).filter(lambda comment: END not in comment)


@settings(deadline=None, max_examples=200)
@given(
    FILES,
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    COMMENTS,
    st.booleans(),
    st.booleans(),
)
def test_an_honest_archive_is_read_as_the_library_reads_it(files, method, comment, is_64, one_way):
    stream = OneWay() if one_way else io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.comment = comment
        for name, content in files.items():
            with archive.open(zipfile.ZipInfo(name), "w", force_zip64=is_64) as member:
                member.write(content)
    written = stream.written if one_way else stream

    ours = [(entry.path, entry.is_folder, unpack(written, entry)) for entry in entries(written)]

    with zipfile.ZipFile(written) as archive:
        theirs = [(each.filename, each.is_dir(), archive.read(each)) for each in archive.infolist()]
    assert ours == theirs


@pytest.mark.parametrize("comment", [END, END + bytes(17), END * 16_000])
def test_a_comment_that_looks_like_the_end_is_a_comment(comment):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.comment = comment
        archive.writestr("a.py", CODE)

    assert [entry.path for entry in entries(stream)] == ["a.py"]


@pytest.mark.parametrize("hung_on", [b"\0" * 30, END, b"PK"])
def test_what_is_hung_on_at_the_end_is_no_matter(hung_on):
    stream = zip_of({"a.py": CODE})
    stream.seek(0, 2)
    stream.write(hung_on)

    assert [entry.path for entry in entries(stream)] == ["a.py"]


# Damage

NOTE = "*.py -linguist-generated\n"
BYTES = zip_of({"a.py": CODE * 3, "b/.gitattributes": NOTE, "b/c.js": "f()\n"}).getvalue()
BYTES_64 = raw_zip([Member.of("a.py", CODE)]).getvalue()
PARTS = 8


def survive(data):
    """Counted or refused; anything else is raised."""
    try:
        Counter(io.BytesIO(data)).run()
    except NotCounted as refused:
        assert refused.reason != "tool_failed"


@pytest.mark.parametrize("part", range(PARTS))
def test_any_byte_may_be_another(part):
    for at in range(part, len(BYTES), PARTS):
        survive(BYTES[:at] + bytes([BYTES[at] ^ 0xFF]) + BYTES[at + 1 :])


def test_it_may_end_anywhere():
    for length in range(len(BYTES)):
        with pytest.raises(NotAnArchive):
            Counter(io.BytesIO(BYTES[:length])).run()


@settings(deadline=None, max_examples=500)
@given(st.data())
def test_many_bytes_may_be_others(data):
    damaged = bytearray(data.draw(st.sampled_from([BYTES, BYTES_64])))
    for at in data.draw(st.lists(st.integers(0, len(damaged) - 1), max_size=6)):
        damaged[at] = data.draw(st.integers(0, 255))
    archive = io.BytesIO(damaged)

    try:
        for entry in entries(archive):
            content = unpack(archive, entry)
            assert len(content) == entry.size
    except (NotAnArchive, DamagedEntry):
        pass


def test_a_place_beyond_every_file_is_damage(tmp_path):
    path = tmp_path / "archive.zip"
    far = [Member.of(f"{place}.py", CODE, offset=place) for place in (2**31, 2**62, 2**64 - 1)]
    path.write_bytes(raw_zip(far).getvalue())

    with path.open("rb") as archive:
        counted = Counter(archive).run()

    assert reasons(counted) == {Reason.DAMAGED: 3}


# Bombs


def zeros(megabytes):
    """So many packed, a thousandth of their size, without ever holding them."""
    packer = zlib.compressobj(9, wbits=-15)
    ten = packer.compress(bytes(10 * MB)) + packer.flush(zlib.Z_FULL_FLUSH)
    last = zlib.compressobj(wbits=-15).flush()
    return ten * (megabytes // 10) + last


@pytest.mark.parametrize(
    ("size", "reason"),
    [(10_000 * MB, Reason.TOO_LARGE), (1000, Reason.DAMAGED), (LARGEST_FILE, Reason.DAMAGED)],
)
def test_ten_gigabytes_of_nothing_take_no_memory(size, reason):
    archive = raw_zip([Member(b"bomb.py", zeros(10_000), size=size), Member.of("a.py", CODE)])
    tracemalloc.start()

    counted = Counter(archive).run()

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (counted.code, reasons(counted)) == (1, {reason: 1})
    assert peak < 5 * LARGEST_FILE


def test_many_entries_that_share_their_data_end_at_the_limit():
    content = bytes(LARGEST_FILE)
    first = Member.of("0.py", content, offset=0)
    shared = [first.again(f"{number}.py") for number in range(100_000)]
    archive = raw_zip(shared, io.BytesIO(raw_zip([Member.of("0.py", content)]).getvalue()))

    with pytest.raises(TooMuchCode):
        Counter(archive).run()


TREE = """
import sys
from projects.counting import Counter
from tests.projects.archives import Member, raw_zip, with_directory

out = open(sys.argv[1], "w+b")
first = Member.of("0.py", b"x = 1\\n")
first.write(out)
known = first.record()
many = (Member(b"folder/%d.qqq" % n, offset=0).record() for n in range(int(sys.argv[2])))
archive = with_directory(out, (record for each in ([known], many) for record in each))
archive.flush()
counted = Counter(archive).run()
print(counted.code, sum(left.files for left in counted.left_out.values()))
status = open("/proc/self/status").read().split()
print(status[status.index("VmHWM:") + 1])
"""


def look_at_tree_of(entries, path):
    done = subprocess.run(
        [sys.executable, "-c", TREE, str(path), str(entries)],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
    )  # fmt: skip
    said, peak = done.stdout.splitlines()
    assert said == f"1 {entries}"
    return int(peak)


@pytest.mark.skipif(sys.platform != "linux", reason="Only Linux tells a process's largest memory.")
def test_a_million_files_take_no_more_memory_than_a_thousand(tmp_path):
    few, many = (look_at_tree_of(entries, tmp_path / "zip") for entries in (1000, 1_000_000))

    assert many < few * 1.25


# Lies


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"size": 5}, Reason.DAMAGED),
        ({"size": 7}, Reason.DAMAGED),
        ({"size": LARGEST_FILE + 1}, Reason.TOO_LARGE),
        ({"size": 2**40}, Reason.TOO_LARGE),
        ({"packed_size": 0}, Reason.DAMAGED),
        ({"packed_size": 3}, Reason.DAMAGED),
        ({"method": zipfile.ZIP_STORED}, Reason.DAMAGED),
        ({"method": zipfile.ZIP_LZMA}, Reason.DAMAGED),
    ],
)
def test_a_file_that_is_not_what_was_said_of_it_is_damaged(said, reason):
    counted = count([Member.of("a.py", CODE, **said), Member.of("b.py", CODE)])

    assert (counted.code, reasons(counted)) == (1, {reason: 1})


def test_more_packed_bytes_than_there_are_harm_nobody():
    counted = count([Member.of("a.py", CODE, packed_size=2**40)])

    assert (counted.code, reasons(counted)) == (1, {})


# Names


@pytest.mark.parametrize("name", ["a/" * 300 + "x.py", "x" * (LONGEST_PATH + 1) + ".py"])
def test_a_path_that_nobody_could_check_out_is_damage(name):
    counted = count([Member.of(name, CODE)])

    assert reasons(counted) == {Reason.DAMAGED: 1}
    assert len(str(counted.as_dict())) < 2000


def test_a_name_that_a_database_refuses_is_told_without_that():
    counted = count([Member.of("vendor/a\0b.py", CODE), Member(b"\xff\xfe.qqq", offset=0)])

    assert "\0" not in str(counted.as_dict()).replace("\\x00", "\0")
    assert reasons(counted) == {Reason.VENDORED: 1, Reason.UNKNOWN_LANGUAGE: 1}
    str(counted.as_dict()).encode()


# Quotes and brackets: each of these would take minutes, or hours.


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("name", "text"),
    [("a.s", "'" + "\\'" * 100_000), ("a.js", ("[=/" * 70 + "\\a" * 70 + "]") * 600)],
)
def test_a_file_takes_no_longer_than_it_is_long(name, text):
    counted = count([Member.of(name, text.encode())], everything=True)

    assert counted.code == 1


# Notes: each of these would take hours where its reader went back at every step.


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "text",
    ["path = x" + " " * (MB - 20) + "y", "\n" * MB, " \t" * (MB // 2), "path" + "=" * (MB - 9)],
)
def test_a_list_of_submodules_is_read_once(text):
    counted = count([Member.of(".gitmodules", text.encode()), Member.of("a.py", CODE)])

    assert counted.code == 1


@pytest.mark.parametrize("text", ["", "*.py linguist-vendored\n"])
def test_more_notes_than_a_person_writes_are_not_kept(text):
    note = Member.of(".gitattributes", text.encode())
    note.write(archive := io.BytesIO())
    deeper = (note.again(f"{number:060}/.gitattributes") for number in range(50_000))
    members = [note, *deeper, Member.of("a.py", CODE)]
    for member in members:
        member.write(archive)
    archive = with_directory(archive, [member.record() for member in members])
    del members
    tracemalloc.start()

    counted = Counter(archive).run()

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert counted.code == (0 if text else 1)
    assert peak < 8 * MB
    assert compiled.cache_info().currsize == 0


def test_notes_without_end_are_not_kept():
    note = Member.of(".gitattributes", b"*.py linguist-vendored\n" + b"#" * (MB - 50))
    note.write(archive := io.BytesIO())
    deeper = [note.again(f"{number}/.gitattributes") for number in range(200)]
    tracemalloc.start()

    counted = Counter(raw_zip([note, *deeper, Member.of("199/a.py", CODE)], archive)).run()

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert reasons(counted)[Reason.VENDORED] == 1
    assert peak < 40 * MB
