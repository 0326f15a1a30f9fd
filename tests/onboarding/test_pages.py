"""The pages of the import: who may see them, the way through, and each refusal in place."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from onboarding.models import Import
from organizations.models import Organization
from tests.factories import BindingFactory, ImportFactory, OrganizationFactory
from tests.pictures import pdf, png, svg
from tests.tokens import letters, make_token

STEPS = ["import", "details", "estimate", "plan", "create", "avatar"]
POSTS = ["token", "estimate", "again", "abandon", "details", "plan", "create"]


@pytest.mark.parametrize("page", [*STEPS, "token"])
def test_nobody_sees_another_persons_import(browser_of, charlie, page):
    import_ = ImportFactory(ready=True)

    response = browser_of(charlie).get(reverse(f"onboarding:{page}", args=[import_.pk]))

    assert response.status_code == 404


@pytest.mark.parametrize("page", POSTS)
def test_nobody_changes_another_persons_import(browser_of, charlie, page):
    import_ = ImportFactory(ready=True)

    response = browser_of(charlie).post(reverse(f"onboarding:{page}", args=[import_.pk]))

    assert response.status_code == 404
    assert Import.objects.get().state == "ready"


@pytest.mark.parametrize("page", [*STEPS, "token"])
def test_a_stranger_is_asked_to_sign_in(client, db, page):
    import_ = ImportFactory(ready=True)

    response = client.get(reverse(f"onboarding:{page}", args=[import_.pk]))

    assert response.status_code == 302
    assert response["Location"].startswith("/account/login/")


def test_the_whole_way(browser_of, alice, sandbox, committed):
    browser = browser_of(alice)
    with committed():
        response = browser.post(
            reverse("onboarding:start"),
            {"organization": "https://dev.azure.com/contoso/", "token": sandbox.token("healthy")},
        )
    page = browser.get(response["Location"])
    assert "You can go on." in page.text

    details = f"{response['Location']}details/"
    assert 'value="contoso"' in browser.get(details).text
    response = browser.post(details, {"name": "Contoso", "key": "contoso-harbour"})
    response = browser.post(response["Location"], {"plan": "free"})
    response = browser.post(response["Location"], follow=True)

    assert response.redirect_chain[-1][0] == "/organizations/contoso-harbour/"
    assert "Contoso is here." in response.text


def test_creating_twice_opens_the_same_organization(browser_of, alice):
    import_ = ImportFactory(ready=True, user=alice)
    create = reverse("onboarding:create", args=[import_.pk])

    first, second = browser_of(alice).post(create), browser_of(alice).post(create)

    assert first["Location"] == second["Location"] == f"/organizations/{import_.key}/"
    assert Organization.objects.count() == 1


BAD_TOKENS = {
    "": "Paste the token.",
    "too short": "Copy it again, only the token",
    letters(61): "This has 61 characters; a token has 84",
    f" {make_token()}": "white space before or after",
    f"{make_token()}=": "this also has: =",
    f"{letters(40)}\n{letters(44)}": "broken over several lines",
    f"eyJ{letters(20)}.{letters(20)}": "a sign-in (Entra) token",
    f"ghp_{letters(36)}": "a GitHub token",
    f"github_pat_{letters(60)}": "a GitHub token",
    f"glpat-{letters(20)}": "a GitLab token",
    f"moor_{letters(40)}": "a token of our own API",
    "a" * 10_000_000: "This is 10,000,000 characters long",
}


@pytest.mark.parametrize(("token", "sentence"), BAD_TOKENS.items(), ids=BAD_TOKENS.values())
def test_a_token_that_can_be_none_is_refused_in_place(browser_of, alice, token, sentence):
    typed = {"organization": "contoso", "token": token, "token_expires_on": "2027-03-12"}

    response = browser_of(alice).post(reverse("onboarding:start"), typed)

    assert response.status_code == 422
    assert sentence in str(response.context["form"].errors["token"])
    assert 'value="contoso"' in response.text
    assert 'value="2027-03-12"' in response.text
    assert not token or token not in response.text
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("organization", "sentence"),
    [
        ("", "Type the organization"),
        ("https://github.com/contoso", "an address at GitHub"),
        ("https://example.com/contoso", "not an Azure DevOps address"),
        ("https://dev.azure.com/", "name is missing"),
        ("con toso", "only letters"),
        ("-contoso", "starts and ends with"),
        ("c" * 51, "at most 50 characters; this has 51"),
        ("http://127.0.0.1:8000/", "not an Azure DevOps address"),
    ],
)
def test_what_is_no_organization_is_refused_in_place(browser_of, alice, organization, sentence):
    typed = {"organization": organization, "token": make_token()}

    response = browser_of(alice).post(reverse("onboarding:start"), typed)

    assert response.status_code == 422
    assert sentence in str(response.context["form"].errors["organization"])
    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("day", "sentence"),
    [("2020-01-01", "has passed"), ("2040-01-01", "one year at most"), ("soon", "Type a date")],
)
def test_an_impossible_expiry_is_refused_in_place(browser_of, alice, day, sentence):
    typed = {"organization": "contoso", "token": make_token(), "token_expires_on": day}

    response = browser_of(alice).post(reverse("onboarding:start"), typed)

    assert response.status_code == 422
    assert sentence in str(response.context["form"].errors["token_expires_on"])


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("", "Choose a key."),
        ("Contoso", "no capital letters"),
        ("häfen", "This one has: ä"),
        ("a" * 65, "at most 64 characters; this one has 65"),
        ("-harbour", "starts and ends with"),
        ("admin", "is reserved"),
        ("api", "is reserved"),
        ("harbour\u200b", "This one has"),
    ],
)
def test_a_key_that_is_none_is_refused_and_the_rest_is_kept(browser_of, alice, key, sentence):
    import_ = ImportFactory(ready=True, user=alice, has_details=False)
    typed = {"name": "Contoso Harbour", "key": key, "description": "Ships and cranes"}

    response = browser_of(alice).post(reverse("onboarding:details", args=[import_.pk]), typed)

    assert response.status_code == 422
    assert sentence in str(response.context["form"].errors["key"])
    assert "Contoso Harbour" in response.text
    assert "Ships and cranes" in response.text


@pytest.mark.parametrize(
    ("upload", "sentence"),
    [
        (svg(), "SVG pictures can carry scripts"),
        (pdf(), "PDF document"),
        (png(30_000, 30_000), "more pixels than we unpack"),
        (b"not really", "not a picture"),
        (png(64, 64)[:-40], "damaged"),
        (b"", "This file is empty"),
        (b"\x00" * 5_000_000, "too large"),
    ],
    ids=["svg", "pdf", "bomb", "fake", "cut", "empty", "large"],
)
def test_an_avatar_that_is_none_is_refused_in_place(browser_of, alice, upload, sentence):
    import_ = ImportFactory(ready=True, user=alice, has_details=False)
    file = upload_named("avatar.png", upload)
    typed = {"name": "Contoso", "key": "contoso", "avatar": file}

    response = browser_of(alice).post(reverse("onboarding:details", args=[import_.pk]), typed)

    assert response.status_code == 422
    assert sentence in str(response.context["form"].errors["avatar"])
    assert 'value="contoso"' in response.text


def upload_named(name, content):
    return SimpleUploadedFile(name, content, content_type="image/png")


def test_a_taken_key_is_refused_with_others_to_take(browser_of, alice):
    OrganizationFactory(key="contoso")

    answer = browser_of(alice).get(reverse("onboarding:key-check"), {"key": "contoso"})

    assert "This key is taken" in answer.text
    assert "contoso-2" in answer.text


def test_a_free_key_is_told_so(browser_of, alice):
    answer = browser_of(alice).get(reverse("onboarding:key-check"), {"key": "contoso"})

    assert "contoso is free" in answer.text


def test_a_stranger_learns_only_that_it_exists(browser_of, alice):
    binding = BindingFactory(organization__key="hidden-key", organization__name="Hidden Name")
    import_ = ImportFactory(
        user=alice, state="refused", verdict="healthy", external_id=binding.external_id, secret=None
    )

    for address in ("", "join/", "claim/"):
        page = browser_of(alice).get(f"/imports/{import_.pk}/{address}")
        assert page.status_code == 200
        assert "hidden-key" not in page.text
        assert "Hidden Name" not in page.text


def test_a_member_is_led_to_the_organization(browser_of, alice):
    binding = BindingFactory(organization__owner=alice)
    import_ = ImportFactory(
        user=alice, state="refused", verdict="healthy", external_id=binding.external_id, secret=None
    )

    page = browser_of(alice).get(f"/imports/{import_.pk}/")

    assert f"/organizations/{binding.organization.key}/" in page.text


def test_joining_needs_something_to_join(browser_of, alice):
    import_ = ImportFactory(ready=True, user=alice)

    assert browser_of(alice).get(f"/imports/{import_.pk}/join/").status_code == 404


def test_the_fork_reached_at_create_time_loses_nothing(browser_of, alice):
    import_ = ImportFactory(ready=True, user=alice)
    BindingFactory(external_id=import_.external_id)

    response = browser_of(alice).post(reverse("onboarding:create", args=[import_.pk]), follow=True)

    assert "This organization is here already." in response.text
    assert Organization.objects.count() == 1
