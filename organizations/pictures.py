"""Uploaded pictures: looked at with suspicion, and drawn anew."""

import hashlib
import io
from typing import BinaryIO

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from organizations.errors import AvatarUnusable
from organizations.models import Avatar

MAX_BYTES = 4 * 1024 * 1024
# What a phone's camera makes, and no more: unpacked, each pixel takes four bytes.
MAX_PIXELS = 16_000_000
LONGEST_SIDE = 8_000
SIDE = 256
FORMATS = ["PNG", "JPEG", "WEBP", "GIF"]
TOO_MANY_PIXELS = (
    "This picture has more pixels than we unpack: at most 16 million, and 8,000 on a side. "
    "256 × 256 is enough."
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
            if image.width * image.height > MAX_PIXELS or max(image.size) > LONGEST_SIDE:
                raise AvatarUnusable(TOO_MANY_PIXELS)
            # A JPEG is unpacked at a fraction of its size where that is enough.
            image.draft("RGB", (2 * SIDE, 2 * SIDE))
            orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
            square = ImageOps.fit(_in_colour(image), (SIDE, SIDE))
    except AvatarUnusable:
        raise
    except Image.DecompressionBombError as error:
        raise AvatarUnusable(TOO_MANY_PIXELS) from error
    except UnidentifiedImageError as error:
        raise AvatarUnusable(_what_it_is_instead(content)) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise AvatarUnusable("This picture is damaged. Save it again and retry.") from error
    output = io.BytesIO()
    drawn = _turned(square, orientation)
    drawn.info = {}  # colour profile and comments, which saving would carry over
    drawn.save(output, "PNG", optimize=True)
    return output.getvalue()


def _in_colour(image: Image.Image) -> Image.Image:
    # Sixteen bits of grey would be cut off at 255, which is white.
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    return image.convert("RGBA")


def _turned(square: Image.Image, orientation: int) -> Image.Image:
    """As the camera was held. The middle of a picture stays its middle however it is turned."""
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    turn = turns.get(orientation)
    return square.transpose(turn) if turn is not None else square


def _what_it_is_instead(content: bytes) -> str:
    start = content[:1024].lstrip().lower()
    if b"<svg" in start:
        return "SVG pictures can carry scripts, so they are not taken. Use PNG, JPEG, WebP or GIF."
    if start.startswith(b"%pdf"):
        return "This is a PDF document, not a picture. Use PNG, JPEG, WebP or GIF."
    return "This file is not a picture we can read. Use PNG, JPEG, WebP or GIF."
