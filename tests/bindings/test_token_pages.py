"""The pages on which owners look after the token, and the calls with which programs do."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from bindings import sweeping
from bindings.models import PersonalAccessToken, PlatformIncident
from core.secrets import fingerprint
from tests.bindings.conftest import add_token
from tests.factories import BindingFactory, OrganizationFactory, TokenFactory
from tests.tokens import make_token

HTMX = {"HX-Request": "true"}


@pytest.fixture
def here(bound):
    """A bound organization and the address of its binding."""
    binding = bound()
    return binding, f"/organizations/{binding.organization.key}/binding/"


@pytest.fixture
def there(here):
    """The same for programs."""
    return f"/api/v1{here[1].removesuffix('/')}"


def put(program, address, **body):
    return program.put(f"{address}/token", body, content_type="application/json")


def verify(program, address):
    return program.post(f"{address}/verifications", {}, content_type="application/json")


def spoil(token):
    """The ciphertext of another row stands in this one."""
    other = add_token(BindingFactory(), make_token(), slot="previous")
    token.secret = PersonalAccessToken.objects.get(pk=other.pk).secret
    token.save()


def test_a_token_is_replaced_on_the_page(browser_of, alice, here, sandbox, committed, slots_of):
    binding, place = here
    new = sandbox.issue_token("contoso")

    with committed():
        answer = browser_of(alice).post(f"{place}token/", {"token": new, "when": "now"})

    assert (answer.status_code, answer["Location"]) == (302, place)
    assert slots_of(binding)["current"] == fingerprint(new)
    assert "Bring it back" in browser_of(alice).get(place).text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"token": ""}, "Paste the token."),
        ({"token": "hunter2"}, "a token has 84"),
        ({"organization": "con toso"}, "id_organization_error"),
        ({"token_expires_on": "2020-01-01"}, "This date has passed."),
    ],
)
def test_bad_input_is_an_error_in_place_and_loses_nothing(
    browser_of, alice, here, slots_of, typed, words
):
    binding, place = here
    form = {"token": make_token(), "when": "now", "organization": "contoso"} | typed

    page = browser_of(alice).post(f"{place}token/", form)

    assert page.status_code == 422
    assert words in page.text
    assert list(slots_of(binding)) == ["current"]


def test_the_page_looks_again_while_something_runs(browser_of, alice, here):
    binding, place = here
    browser = browser_of(alice)
    assert "every 1s" not in browser.get(place).text

    browser.post(f"{place}check/")

    assert "every 1s" in browser.get(place).text
    part = browser.get(f"{place}?state", headers=HTMX).text
    assert "<html" not in part and "Asking Azure DevOps" in part


def test_a_member_sees_how_it_is_and_no_button(browser_of, bob, here):
    page = browser_of(bob).get(here[1]).text

    assert "The token works." in page
    assert not any(word in page for word in ("Replace token", "Check now", "Bring it back"))


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"suspect": "token_expired", "suspect_since": timezone.now()}, "In doubt"),
        ({"silent_since": timezone.now(), "silences": 3}, "has not answered since"),
        ({"unreadable_since": timezone.now()}, "copy of the token can&#x27;t be read"),
        ({"verdict": "token_expired"}, "This token has expired."),
        ({"verdict": ""}, "has not been checked yet"),
        (
            {
                "last_access_at": timezone.now() - timedelta(days=70),
                "last_access_learned_at": timezone.now() - timedelta(days=6),
            },
            "70 days ago",
        ),
    ],
)
def test_every_state_is_a_sentence(browser_of, alice, known, words):
    organization = OrganizationFactory(key="harbour", owner=alice)
    TokenFactory(binding=BindingFactory(organization=organization), **known)

    assert words in browser_of(alice).get("/organizations/harbour/binding/").text


@pytest.mark.parametrize("learned_at", [None, timezone.now() - timedelta(days=11)])
def test_an_absence_that_we_learned_of_long_ago_is_not_told(browser_of, alice, learned_at):
    organization = OrganizationFactory(key="harbour", owner=alice)
    last_access_at = timezone.now() - timedelta(days=70)
    known = {"last_access_at": last_access_at, "last_access_learned_at": learned_at}
    TokenFactory(binding=BindingFactory(organization=organization), **known)

    page = browser_of(alice).get("/organizations/harbour/binding/").text

    assert "Healthy" in page and "Sign-in needed" not in page


def test_trouble_of_the_platform_is_told_as_such(browser_of, alice, here):
    PlatformIncident.objects.create(platform="azure_devops", affected=90)

    page = browser_of(alice).get(here[1]).text

    assert "for many organizations" in page and "Needs you" not in page


@pytest.mark.parametrize(
    ("known", "words"),
    [
        ({"verdict": "token_expired"}, "Azure DevOps refuses its token."),
        ({"expires_on": timezone.now().date() + timedelta(days=3)}, "expires in 3 days"),
    ],
)
def test_a_banner_is_on_every_page_of_an_owner(browser_of, alice, bob, known, words):
    organization = OrganizationFactory(name="Harbour", owner=alice, member=bob)
    source = {"expiry_source": "declared"} if "expires_on" in known else {}
    TokenFactory(binding=BindingFactory(organization=organization), **known, **source)

    assert words in browser_of(alice).get("/settings/").text
    assert words not in browser_of(bob).get("/settings/").text


def test_who_need_not_act_sees_no_banner(browser_of, alice, here):
    PersonalAccessToken.objects.update(suspect="token_expired", suspect_since=timezone.now())

    assert 'class="banner' not in browser_of(alice).get("/").text


def test_a_program_rotates_the_token(program_of, alice, here, there, sandbox, committed, slots_of):
    program, new = program_of(alice), sandbox.issue_token("contoso")

    with committed():
        answer = put(program, there, token=new, token_expires_on="2027-03-12")
    done = program.get(f"{there}/verifications/{answer.json()['id']}").json()

    assert (answer.status_code, answer.json()["state"]) == (202, "running")
    assert (done["state"], done["verdict"], done["slot"]) == ("done", "healthy", "next")
    assert program.get(there).json()["token"]["fingerprint"] == fingerprint(new)


def test_a_verification_can_be_asked_for_while_it_runs(program_of, alice, there):
    program = program_of(alice)

    answer = verify(program, there)

    address = f"{there}/verifications/{answer.json()['id']}"
    assert program.get(address).json() == answer.json()
    assert answer.json()["verdict"] is None


@pytest.fixture
def called_off(program_of, alice, there):
    """`called_off(answer)`: the check of a verification that was accepted and came to nothing."""

    def read(answer):
        done = program_of(alice).get(f"{there}/verifications/{answer.json()['id']}").json()
        assert (answer.status_code, done["state"], done["verdict"]) == (202, "done", "called_off")
        (check,) = done["checks"]
        return check["message"]

    return read


def test_one_that_a_later_token_overtakes_is_called_off(program_of, alice, there, called_off):
    program = program_of(alice)
    first = put(program, there, token=make_token())

    second = put(program, there, token=make_token())

    assert "Another token was pasted" in called_off(first)
    running = program.get(f"{there}/verifications/{second.json()['id']}").json()
    assert running["state"] == "running"


def test_one_of_a_token_that_is_wiped_is_called_off(
    program_of, browser_of, alice, here, there, called_off, slots_of
):
    answer = put(program_of(alice), there, token=make_token())
    mark = slots_of(here[0])["next"]

    browser_of(alice).post(f"{here[1]}discard/", {"token": mark})

    assert "was wiped" in called_off(answer)


def test_one_of_a_token_in_use_that_is_accepted_is_called_off(
    program_of, browser_of, alice, here, there, called_off, current
):
    here[0].tokens.update(verdict="token_owner_changed")
    answer = verify(program_of(alice), there)

    browser_of(alice).post(f"{here[1]}accept/", {"token": current(here[0]).fingerprint})

    assert "Somebody accepted" in called_off(answer)
    assert current(here[0]).is_running


@pytest.mark.parametrize("slot", ["current", "next"])
def test_one_of_a_token_that_does_not_open_is_called_off(
    program_of, alice, here, there, called_off, slot
):
    program = program_of(alice)
    ask = {"current": verify, "next": partial(put, token=make_token())}[slot]
    answer = ask(program, there)
    spoil(here[0].tokens.get(slot=slot))

    sweeping.sweep(seconds=20)

    assert "Our copy of the token can't be read" in called_off(answer)


def test_one_that_is_asked_of_a_token_that_does_not_open_any_more_ends_after_undo(
    program_of, browser_of, alice, here, there, called_off, replace, sandbox, slots_of
):
    binding, place = here
    replace(binding, sandbox.issue_token("contoso"))
    spoil(binding.tokens.get(slot="previous"))
    binding.tokens.filter(slot="previous").update(unreadable_since=timezone.now())
    answer = verify(program_of(alice), there)

    browser_of(alice).post(f"{place}undo/", {"token": slots_of(binding)["previous"]})
    sweeping.sweep(seconds=20)

    assert "Our copy of the token can't be read" in called_off(answer)


def test_what_does_not_open_is_not_accepted_since_nobody_could_ask_about_it(
    browser_of, alice, here, current
):
    binding, place = here
    known = {"verdict": "token_owner_changed", "unreadable_since": timezone.now()}
    binding.tokens.update(**known)

    mark = {"token": current(binding).fingerprint}
    page = browser_of(alice).post(f"{place}accept/", mark, follow=True)

    assert "No verified token waits for your decision." in page.text
    assert not current(binding).is_running


def test_what_was_called_off_is_no_trouble_of_the_token_in_use(
    program_of, browser_of, bob, alice, here, there
):
    for _ in range(2):
        put(program_of(alice), there, token=make_token())

    page = browser_of(bob).get(f"{here[1]}history/").text
    binding = program_of(bob).get(there).json()

    assert "called off before there was an answer" in page and "No answer" in page
    assert "Refused" not in page and "Days with trouble" not in page
    assert (binding["token"]["verdict"], binding["verification"]) == ("healthy", None)


def test_a_program_is_told_what_is_wrong_with_a_token(program_of, alice, there):
    answer = put(program_of(alice), there, token="hunter2")

    assert (answer.status_code, answer.json()["code"]) == (422, "token-malformed")


@pytest.fixture
def unreadable(here):
    """The ciphertext of the token in use does not open."""
    binding, place = here
    spoil(binding.tokens.get())
    return place


@pytest.mark.parametrize(
    ("act", "typed"),
    [
        ("check", {}),
        ("name", {"organization": "contoso-port"}),
        ("expiry", {"token_expires_on": str(timezone.now().date() + timedelta(days=9))}),
        ("accept", {}),
        ("undo", {}),
        ("discard", {}),
        ("use-standby", {}),
    ],
)
def test_a_ciphertext_that_does_not_open_breaks_no_page(
    browser_of, program_of, alice, unreadable, there, act, typed
):
    answer = browser_of(alice).post(f"{unreadable}{act}/", typed, follow=True)

    assert answer.status_code in (200, 422)
    assert browser_of(alice).get(unreadable).status_code == 200
    assert program_of(alice).get(there).status_code == 200


def test_asking_for_one_that_does_not_open_says_what_to_do(program_of, alice, unreadable, there):
    answer = verify(program_of(alice), there)

    assert (answer.status_code, answer.json()["code"]) == (422, "secret-unreadable")
    assert "Paste a new token" in answer.json()["title"]


def test_one_that_does_not_open_can_be_replaced(
    browser_of, alice, here, unreadable, sandbox, committed, slots_of
):
    new = sandbox.issue_token("contoso")

    with committed():
        browser_of(alice).post(f"{unreadable}token/", {"token": new, "when": "now"})

    assert slots_of(here[0])["current"] == fingerprint(new)
