"""Archives as a platform sends them."""

import io
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass


def zip_of(files, *, links=()):
    """`files` is path to text or bytes; of `links` the content is where they point."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            member = zipfile.ZipInfo(path)
            member.create_system = 3
            mode = stat.S_IFLNK if path in links else stat.S_IFREG
            member.external_attr = (mode | 0o644) << 16
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)
    return buffer


@dataclass
class Member:
    """What the directory of an archive says of a file, true or not."""

    name: bytes
    packed: bytes = b""
    crc: int = 0
    size: int = 0
    method: int = zipfile.ZIP_DEFLATED
    packed_size: int | None = None
    offset: int | None = None

    @classmethod
    def of(cls, name, content, **said):
        packer = zlib.compressobj(wbits=-15)
        packed = packer.compress(content) + packer.flush()
        return cls(name.encode(), packed, zlib.crc32(content), **{"size": len(content), **said})

    def again(self, name):
        """The same data under another name, once it was written."""
        sizes = {"size": self.size, "packed_size": len(self.packed), "offset": self.offset}
        return Member(name.encode(), crc=self.crc, **sizes)

    def write(self, out):
        if self.offset is None:
            self.offset = out.tell()
            out.write(struct.pack("<4s22x2H", b"PK\x03\x04", len(self.name), 0))
            out.write(self.name + self.packed)

    def record(self):
        packed = len(self.packed) if self.packed_size is None else self.packed_size
        numbers = (self.size, packed, self.offset)
        extra = struct.pack("<2H3Q", 1, 24, *numbers) if max(numbers) >= 0xFFFFFFFF else b""
        size, packed, offset = (0xFFFFFFFF,) * 3 if extra else numbers
        return struct.pack(
            "<4s4B4HL2L5H2L", b"PK\x01\x02", 45, 3, 45, 0, 0, self.method, 0, 0, self.crc,
            packed, size, len(self.name), len(extra), 0, 0, 0, 0, offset,
        ) + self.name + extra  # fmt: skip


def raw_zip(members, out=None):
    """An archive that says of its files whatever it is told to."""
    out = out or io.BytesIO()
    records = []
    for member in members:
        member.write(out)
        records.append(member.record())
    return with_directory(out, records)


def with_directory(out, records):
    """Ends an archive. The records may be made one by one, as many as there are."""
    start, count = out.tell(), 0
    for record in records:
        out.write(record)
        count += 1
    length, end = out.tell() - start, out.tell()
    sizes = (count, count, length, start)
    out.write(struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, *sizes))
    out.write(struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1))
    out.write(b"PK\x05\x06" + bytes(4) + b"\xff" * 12 + bytes(2))
    return out
