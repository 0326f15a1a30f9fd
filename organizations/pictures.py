"""Uploaded pictures: looked at with suspicion, and drawn anew."""

import hashlib
import io
from typing import BinaryIO

from PIL import Image, ImageOps, UnidentifiedImageError

from organizations.errors import AvatarUnusable
from organizations.models import Avatar

MAX_BYTES = 4 * 1024 * 1024
MAX_PIXELS = 25_000_000
SIDE = 256
FORMATS = ["PNG", "JPEG", "WEBP", "GIF"]
TOO_MANY_PIXELS = (
    "This picture has more than 25 million pixels, which is too many. 256 × 256 is enough."
)


def make_avatar(upload: BinaryIO) -> Avatar:
    """Store an uploaded picture as a 256 × 256 PNG of our own making.

    Nothing of the upload survives but its pixels. Raises AvatarUnusable with the reason.
    """
    content = upload.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise AvatarUnusable(f"This picture is too large. Use one under {MAX_BYTES >> 20} MB.")
    png = _draw(content)
    digest = hashlib.sha256(png).hexdigest()
    avatar, _ = Avatar.objects.get_or_create(digest=digest, defaults={"png": png})
    return avatar


def _draw(content: bytes) -> bytes:
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            # The header tells the size, so a bomb is refused before it is unpacked.
            if image.width * image.height > MAX_PIXELS:
                raise AvatarUnusable(TOO_MANY_PIXELS)
            square = ImageOps.fit(ImageOps.exif_transpose(image).convert("RGBA"), (SIDE, SIDE))
    except AvatarUnusable:
        raise
    except Image.DecompressionBombError as error:
        raise AvatarUnusable(TOO_MANY_PIXELS) from error
    except UnidentifiedImageError as error:
        raise AvatarUnusable(_what_it_is_instead(content)) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise AvatarUnusable("This picture is damaged. Save it again and retry.") from error
    output = io.BytesIO()
    square.save(output, "PNG", optimize=True)
    return output.getvalue()


def _what_it_is_instead(content: bytes) -> str:
    start = content[:1024].lstrip().lower()
    if b"<svg" in start:
        return "SVG pictures can carry scripts, so they are not taken. Use PNG, JPEG, WebP or GIF."
    if start.startswith(b"%pdf"):
        return "This is a PDF document, not a picture. Use PNG, JPEG, WebP or GIF."
    return "This file is not a picture we can read. Use PNG, JPEG, WebP or GIF."
