"""Uploaded pictures: drawn anew, served for ever, seen by members."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from organizations.models import AuditEvent, Avatar, Organization
from tests.factories import OrganizationFactory
from tests.pictures import pdf, png, svg

SETTINGS = "/organizations/harbour/settings/"
TRAILER = b"<script>alert('after the picture')</script>"
DESCRIPTION = 0x010E


@pytest.fixture
def harbour(alice, bob):
    return OrganizationFactory(key="harbour", name="Harbour", owner=alice, member=bob)


def upload(browser, content, name="avatar.png"):
    file = SimpleUploadedFile(name, content, content_type="image/png")
    return browser.post(SETTINGS, {"name": "Harbour", "avatar": file})


def drawn():
    """The picture that is kept now."""
    return bytes(Organization.objects.get().avatar.png)


def laden_jpeg():
    """A picture with everything a picture can carry beside its pixels."""
    exif = Image.Exif()
    exif[DESCRIPTION] = "Taken at a secret quay"
    output = io.BytesIO()
    picture = Image.new("RGB", (400, 300), "navy")
    picture.save(output, "JPEG", exif=exif, comment=b"a secret comment")
    return output.getvalue() + TRAILER


def test_nothing_of_an_upload_survives_but_its_pixels(browser_of, alice, harbour):
    original = laden_jpeg()
    assert all(part in original for part in (b"secret quay", b"secret comment", TRAILER))

    upload(browser_of(alice), original, "photo.jpg")

    with Image.open(io.BytesIO(drawn())) as picture:
        assert (picture.format, picture.size, picture.info) == ("PNG", (256, 256), {})
        assert not picture.getexif()
        assert picture.convert("RGB").getpixel((128, 128))[2] > 100
    assert drawn().endswith(b"IEND\xaeB`\x82")
    assert b"secret" not in drawn() and b"script" not in drawn()


@pytest.mark.parametrize("content", [svg(), pdf(), png(30_000, 30_000), b"x", b""])
def test_what_is_no_picture_changes_nothing(browser_of, alice, harbour, content):
    response = upload(browser_of(alice), content)

    assert response.status_code == 422
    assert "avatar" in response.context["form"].errors
    assert Organization.objects.get().avatar is None
    assert not Avatar.objects.exists()
    assert not AuditEvent.objects.exists()


def test_members_see_it_and_their_browsers_keep_it(browser_of, alice, bob, harbour):
    upload(browser_of(alice), png(64, 64))
    address = Organization.objects.get().avatar_url

    response = browser_of(bob).get(address)

    assert response.content == drawn()
    assert response["Content-Type"] == "image/png"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, max-age=31536000, immutable"
    assert address in browser_of(bob).get("/organizations/harbour/").text


@pytest.mark.parametrize("digest", ["0" * 64, "x", "a" * 300])
def test_there_is_no_other_picture_at_its_address(browser_of, alice, harbour, digest):
    upload(browser_of(alice), png(64, 64))

    response = browser_of(alice).get(f"/organizations/harbour/avatar/{digest}.png")

    assert response.status_code == 404


def test_the_picture_of_another_organization_is_not_there(browser_of, alice, harbour):
    upload(browser_of(alice), png(64, 64))
    digest = Organization.objects.get().avatar_id
    OrganizationFactory(key="other", owner=alice)

    response = browser_of(alice).get(f"/organizations/other/avatar/{digest}.png")

    assert response.status_code == 404


def test_another_picture_has_another_address(browser_of, alice, harbour):
    browser = browser_of(alice)
    upload(browser, png(64, 64))
    before = Organization.objects.get().avatar_url

    upload(browser, png(64, 64))

    assert Organization.objects.get().avatar_url != before
    assert browser.get(before).status_code == 404


def test_saving_the_rest_keeps_the_picture(browser_of, alice, harbour):
    browser = browser_of(alice)
    upload(browser, png(64, 64))
    before = drawn()

    browser.post(SETTINGS, {"name": "New Harbour"})

    assert drawn() == before


def test_the_same_picture_is_kept_once(browser_of, alice, harbour):
    other = OrganizationFactory(key="other", owner=alice)
    browser, content = browser_of(alice), png(64, 64)
    upload(browser, content)
    file = SimpleUploadedFile("avatar.png", content, content_type="image/png")

    browser.post("/organizations/other/settings/", {"name": "Other", "avatar": file})

    harbour.refresh_from_db()
    other.refresh_from_db()
    assert harbour.avatar == other.avatar == Avatar.objects.get()


def test_a_removed_picture_gives_way_to_initials_and_is_recorded(browser_of, alice, harbour):
    browser = browser_of(alice)
    upload(browser, png(64, 64))
    address = Organization.objects.get().avatar_url

    response = browser.post(f"{SETTINGS}remove-avatar/", follow=True)

    assert Organization.objects.get().avatar is None
    assert browser.get(address).status_code == 404
    assert "Remove avatar" not in response.text
    assert AuditEvent.objects.latest("pk").data == {"fields": ["avatar"]}


def test_removing_no_picture_records_nothing(browser_of, alice, harbour):
    browser_of(alice).post(f"{SETTINGS}remove-avatar/")

    assert not AuditEvent.objects.exists()
