"""Uploads: pictures, and what pretends to be one."""

import io
import struct
import zlib

from PIL import Image


def png(width, height):
    """A real picture up to a sane size; beyond, a header that promises the pixels (a bomb)."""
    if width * height <= 1_000_000:
        output = io.BytesIO()
        Image.effect_noise((width, height), 90).save(output, "PNG")
        return output.getvalue()

    def chunk(kind, data):
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\x00" * 1_000_000)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def svg():
    return b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def pdf():
    return b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
