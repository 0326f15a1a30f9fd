"""Uploaded pictures are drawn anew, and what is none is refused with its own reason."""

import io
import struct
import warnings

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin

from organizations.errors import AvatarUnusable
from organizations.forms import DetailsForm
from organizations.models import Avatar
from organizations.pictures import make_avatar
from tests.pictures import pdf, png, svg

pytestmark = pytest.mark.django_db

RED, BLUE = (255, 0, 0), (0, 0, 255)
SIZE = (400, 300)
ORIENTATION, DESCRIPTION, NUMBER_OF_INKS = 0x0112, 0x010E, 0x014E
TURN_RIGHT = 6


def saved(image, kind, **options):
    output = io.BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()


def flat(mode="RGB", colour="red"):
    return Image.new(mode, SIZE, colour)


def transparent_palette():
    image = flat().quantize(4)
    image.paste(1, (0, 0, 100, 300))
    return saved(image, "PNG", transparency=1)


def two_frames(kind):
    return saved(flat(), kind, save_all=True, append_images=[flat(colour="blue")])


def annotated(kind):
    """A picture that tells where it was taken, as cameras make them."""
    exif = Image.Exif()
    exif[DESCRIPTION] = "taken at the quay"
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "taken at the quay")
    options = {
        "PNG": {"exif": exif, "pnginfo": text, "dpi": (72, 72)},
        "JPEG": {"exif": exif, "comment": b"taken at the quay"},
        "WEBP": {"exif": exif, "xmp": b"<x>taken at the quay</x>"},
        "GIF": {"comment": b"taken at the quay"},
    }
    return saved(flat(), kind, **options[kind])


def odd_exif():
    """A camera that puts a text where a number belongs, as some do."""
    lists = [(ORIENTATION, 3, 1, b"\0\1\0\0"), (NUMBER_OF_INKS, 2, 4, b"two\0")]
    entries = b"".join(struct.pack(">HHI4s", *entry) for entry in lists)
    head = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", len(lists))
    return saved(flat(), "JPEG", exif=head + entries + bytes(4))


def drawn(content):
    """What is kept of an upload, unpacked."""
    image = Image.open(io.BytesIO(bytes(make_avatar(io.BytesIO(content)).png)))
    image.load()
    return image


def middle(content):
    return drawn(content).getpixel((128, 128))


PICTURES = {
    "png": lambda: saved(flat(), "PNG"),
    "jpeg": lambda: saved(flat(), "JPEG"),
    "webp": lambda: saved(flat(), "WEBP", lossless=True),
    "gif": lambda: saved(flat(), "GIF"),
    "animated gif": lambda: two_frames("GIF"),
    "animated webp": lambda: two_frames("WEBP"),
    "animated png": lambda: two_frames("PNG"),
    "palette": lambda: saved(flat().quantize(4), "PNG"),
    "palette with transparency": transparent_palette,
    "cmyk": lambda: saved(flat("CMYK", (0, 255, 255, 0)), "JPEG"),
    "progressive": lambda: saved(flat(), "JPEG", progressive=True),
    "odd exif": odd_exif,
    "with transparency": lambda: saved(flat("RGBA"), "PNG"),
    "one pixel": lambda: saved(Image.new("RGB", (1, 1), RED), "PNG"),
    "a line": lambda: saved(Image.new("RGB", (8000, 1), RED), "PNG"),
    "large": lambda: saved(Image.new("RGB", (4000, 4000), RED), "JPEG"),
}


@pytest.mark.parametrize("make", PICTURES.values(), ids=PICTURES)
def test_every_usual_picture_becomes_a_small_square_png(make):
    image = drawn(make())

    assert (image.format, image.size, image.mode) == ("PNG", (256, 256), "RGBA")
    red, green, blue, alpha = image.getpixel((128, 128))
    assert red > 250 and green < 5 and blue < 5 and alpha == 255


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_depth_of_png_is_read(mode):
    assert drawn(saved(Image.new("RGB", SIZE, "white").convert(mode), "PNG")).size == (256, 256)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_nothing_that_a_picture_tells_about_itself_is_kept(kind):
    upload = annotated(kind)
    assert b"taken at the quay" in upload

    avatar = make_avatar(io.BytesIO(upload))

    assert b"taken at the quay" not in bytes(avatar.png)
    assert drawn(upload).info == {}


def test_a_picture_taken_on_its_side_is_turned_upright():
    image, exif = flat(colour="blue"), Image.Exif()
    image.paste(RED, (0, 0, 200, 300))
    exif[ORIENTATION] = TURN_RIGHT

    upright = drawn(saved(image, "JPEG", exif=exif, quality=95))

    assert upright.getpixel((128, 20))[0] > 200
    assert upright.getpixel((128, 236))[2] > 200


def test_the_middle_is_kept_where_a_picture_is_no_square():
    image = Image.new("RGB", (1200, 400), BLUE)
    image.paste(RED, (400, 0, 800, 400))

    square = drawn(saved(image, "PNG"))

    assert {square.getpixel((x, 128))[:3] for x in (5, 128, 250)} == {RED}


def test_the_same_picture_is_kept_once():
    first, second = (make_avatar(io.BytesIO(PICTURES["png"]())) for _ in range(2))

    assert first == second
    assert Avatar.objects.count() == 1


def refusal_of(content, name="avatar.png"):
    upload = SimpleUploadedFile(name, content, "image/png")
    form = DetailsForm({"name": "Contoso"}, {"avatar": upload})
    return form.errors.get("avatar", [""])[0]


def truncated(kind):
    content = saved(Image.effect_noise(SIZE, 90), kind)
    return content[: len(content) // 2]


NO_PICTURE = "This file is not a picture we can read. Use PNG, JPEG, WebP or GIF."
DAMAGED = "This picture is damaged. Save it again and retry."
TOO_LARGE = "This picture is too large. Use one under 4 MB."
TOO_MANY = (
    "This picture has more pixels than we unpack: at most 16 million, and 8,000 on a side. "
    "256 × 256 is enough."
)

REFUSED = {
    "svg": (svg, "SVG pictures can carry scripts, so they are not taken."),
    "svg behind a declaration": (
        lambda: b'<?xml version="1.0"?>\n<!-- drawn -->\n' + svg(),
        "SVG pictures can carry scripts, so they are not taken.",
    ),
    "pdf": (pdf, "This is a PDF document, not a picture."),
    "bomb": (lambda: png(30_000, 30_000), TOO_MANY),
    "just too many": (lambda: png(4_001, 4_000), TOO_MANY),
    "just too wide": (lambda: png(8_001, 1), TOO_MANY),
    "just too high": (lambda: png(1, 8_001), TOO_MANY),
    "truncated png": (lambda: truncated("PNG"), DAMAGED),
    "truncated jpeg": (lambda: truncated("JPEG"), DAMAGED),
    "truncated webp": (lambda: truncated("WEBP"), DAMAGED),
    "truncated gif": (lambda: truncated("GIF"), DAMAGED),
    "empty": (bytes, "This file is empty. Choose another one."),
    "five megabytes": (lambda: png(100, 100) + bytes(5 * 1024 * 1024), TOO_LARGE),
    "text": (lambda: b"Dear harbour master, the picture follows.", NO_PICTURE),
    "page": (lambda: b"<!doctype html><title>Crane</title>", NO_PICTURE),
    "script": (lambda: b"#!/bin/sh\nexit 0\n", NO_PICTURE),
    "only a signature": (lambda: b"\x89PNG\r\n\x1a\n", NO_PICTURE),
    "another kind of picture": (lambda: saved(flat(), "BMP"), NO_PICTURE),
    "tiff": (lambda: saved(flat(), "TIFF"), NO_PICTURE),
}


@pytest.mark.parametrize(("make", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_usable_picture_is_refused_with_its_reason(make, sentence):
    assert refusal_of(make()).startswith(sentence)
    assert not Avatar.objects.exists()


def test_a_name_makes_no_picture_and_no_other_name_unmakes_one():
    assert refusal_of(pdf(), "avatar.png").startswith("This is a PDF document")
    assert refusal_of(PICTURES["png"](), "avatar.pdf") == ""


def test_four_megabytes_are_read_and_one_byte_more_is_not():
    content = PICTURES["png"]()

    make_avatar(io.BytesIO(content.ljust(4 * 1024 * 1024, b"\0")))

    with pytest.raises(AvatarUnusable, match="too large"):
        make_avatar(io.BytesIO(content.ljust(4 * 1024 * 1024 + 1, b"\0")))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_that_was_tampered_with_is_drawn_or_refused(kind):
    """A byte is turned in every place of the header, which is where sizes and types stand."""
    content = saved(flat(), kind)

    with warnings.catch_warnings(action="ignore"):
        for place in range(min(len(content), 100)):
            touched = bytearray(content)
            touched[place] ^= 0xFF
            assert refusal_of(bytes(touched)) in ("", NO_PICTURE, DAMAGED, TOO_MANY)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_colour_profile_does_not_survive(kind):
    output = io.BytesIO()
    flat().convert("RGB").save(output, kind, icc_profile=b"a secret quay" * 20)

    avatar = make_avatar(io.BytesIO(output.getvalue()))

    assert b"a secret quay" not in bytes(avatar.png)
    assert "icc_profile" not in Image.open(io.BytesIO(bytes(avatar.png))).info


@pytest.mark.django_db
def test_sixteen_bits_of_grey_stay_grey():
    output = io.BytesIO()
    Image.new("I;16", (400, 300), 32768).save(output, "PNG")

    avatar = make_avatar(io.BytesIO(output.getvalue()))

    grey = Image.open(io.BytesIO(bytes(avatar.png))).getpixel((128, 128))[0]
    assert 120 < grey < 136
