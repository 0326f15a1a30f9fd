"""From signing up to an opened organization, with a mouse, with keys alone, without JavaScript."""

from bin.stack import SUPPORT
from tests.e2e import path


def test_a_stranger_signs_up_and_imports_an_organization(page, stack):
    path.sign_up(page, stack, "dora@example.com", "a-harbour-of-her-own")
    page.get_by_text("Create", exact=True).locator("..").click()
    page.get_by_role("link", name="Create new organization").first.click()
    page.get_by_role("link", name="Azure DevOps").click()
    page.get_by_label("Azure DevOps organization").fill("https://dev.azure.com/fabrikam/")
    token_page = page.get_by_role("link", name="Open its token page").get_attribute("href")
    assert token_page == f"{stack.sandbox_url}/fabrikam/_usersSettings/tokens"
    token = make_token(page.context, token_page)

    page.get_by_label("Personal access token").fill(token)
    page.get_by_text("84 characters, the right shape.").wait_for()
    page.get_by_role("button", name="Continue").click()
    path.wait_until_it_can_go_on(page)
    path.choose_details(page, "fabrikam", name="Fabrikam")
    path.create(page)

    page.get_by_role("heading", name="Fabrikam").wait_for()
    page.get_by_text("The token works.").wait_for()
    page.get_by_role("cell", name="Private").first.wait_for()
    assert page.url == f"{stack.url}/organizations/fabrikam/"


def make_token(context, token_page):
    """On the platform's own page, as its token's owner would."""
    page = context.new_page()
    page.goto(token_page)
    page.get_by_role("link", name="New Token").click()
    page.get_by_label("Name").fill("Mooring")
    page.get_by_role("group", name="Code").get_by_label("Read & write").check()
    page.get_by_role("button", name="Create").click()
    token = page.get_by_label("Your token").inner_text()
    page.close()
    return token


def test_keys_alone_are_enough(page_of, stack):
    page = page_of()
    stack.ask_sandbox("POST", "organizations", {"name": "adventure-works"})
    token = stack.ask_sandbox("POST", "organizations/adventure-works/tokens", {})["token"]
    page.goto("/")
    for name in ("Create new organization", "Azure DevOps"):
        press(page, page.get_by_role("link", name=name, exact=True).last)
    type_into(page, page.get_by_label("Azure DevOps organization"), "adventure-works")
    type_into(page, page.get_by_label("Personal access token"), token)
    page.keyboard.press("Enter")
    path.wait_until_it_can_go_on(page)
    press(page, page.get_by_role("link", name="Continue"))
    type_into(page, page.get_by_label("Name"), "Adventure Works")
    type_into(page, page.get_by_label("Key"), "adventure-works")
    page.get_by_text("adventure-works is free.").wait_for()
    press(page, page.get_by_role("button", name="Continue"))
    press(page, page.get_by_role("button", name="Continue with Free"))
    press(page, page.get_by_role("button", name="Create organization"))

    page.wait_for_url("**/organizations/adventure-works/")
    page.get_by_role("heading", name="Adventure Works").wait_for()


def press(page, target):
    reach(page, target)
    page.keyboard.press("Enter")


def type_into(page, target, text):
    reach(page, target)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(text)


def reach(page, target):
    """Press Tab until it has the focus, which must be seen where it is."""
    target.wait_for()
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            assert target.evaluate("element => getComputedStyle(element).outlineStyle") != "none"
            return
    raise AssertionError(f"Tab does not lead to {target}.")


def test_it_works_without_javascript(page_of, stack):
    page = page_of(java_script_enabled=False)

    path.import_organization(page, "windlass", stack.token("windlass"), "windlass")

    page.get_by_role("link", name="Where it comes from").click()
    page.get_by_text("The token works.").wait_for()
    page.get_by_role("link", name="Repositories").click()
    page.get_by_label("Find a repository").fill("nothing-like-it")
    page.keyboard.press("Enter")
    page.get_by_text("Nothing found").wait_for()


def test_who_comes_second_finds_a_fork_and_not_a_dead_end(page_of, stack):
    path.import_organization(page_of(), "contoso", stack.token("healthy"), "contoso")
    page = page_of(SUPPORT)

    path.connect(page, "contoso.visualstudio.com", stack.token("other-owner"))

    page.get_by_text("This organization is here already.").wait_for()
    page.get_by_role("link", name="Ask to join").click()
    page.get_by_role("heading", name="Ask to join").wait_for()
    page.go_back()
    page.get_by_role("link", name="Claim access").click()
    page.get_by_role("heading", name="Claim lost access").wait_for()
    assert "Contoso Harbour" not in page.content()


def test_every_refusal_is_said_in_its_place_and_keeps_what_was_typed(page_of, stack):
    page = page_of()
    token = stack.token("read-only")

    path.connect(page, "con toso", token[:-1])

    organization = page.get_by_label("Azure DevOps organization")
    page.locator("#id_organization_error").wait_for()
    page.locator("#id_token_error").wait_for()
    assert organization.input_value() == "con toso"
    assert page.get_by_label("Personal access token").input_value() == ""
    assert token[:-1] not in page.content()


def test_a_token_that_falls_short_can_be_replaced_in_place(page_of, stack):
    page = page_of()
    path.connect(page, "publicworks", stack.token("unknown-in-public"))
    page.get_by_text("You can't go on with this token.").wait_for()

    page.get_by_label("Personal access token").fill(stack.token("publicworks"))
    page.get_by_role("button", name="Continue").click()

    path.wait_until_it_can_go_on(page)
