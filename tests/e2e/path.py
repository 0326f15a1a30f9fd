"""The main path in steps, as a person with a mouse walks it."""

import re


def sign_in(page, email, password):
    page.goto("/account/login/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_up(page, stack, email, password):
    """Make an account, with the code that came by mail."""
    page.goto("/account/signup/")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_label("Password, once more").fill(password)
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("heading", name="Enter the code from your inbox").wait_for()
    page.get_by_label("Code").fill(code_sent_to(stack, email))
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("heading", name="Your organizations").wait_for()


def code_sent_to(stack, email):
    mail = next(mail for mail in stack.mails() if email in mail["to"])
    return re.search(r"^([A-Z0-9-]{6,12})$", mail["text"], re.MULTILINE)[1]


def connect(page, organization, token, expires_on=""):
    page.goto("/imports/new/")
    page.get_by_label("Azure DevOps organization").fill(organization)
    page.get_by_label("Personal access token").fill(token)
    page.get_by_label("Expires on").fill(expires_on)
    page.get_by_role("button", name="Continue").click()


def wait_until_it_can_go_on(page, **options):
    page.get_by_text("You can go on.").wait_for(**options)


def choose_details(page, key, name="Contoso Harbour"):
    page.get_by_role("link", name="Continue").click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Key").fill(key)
    page.get_by_role("button", name="Continue").click()


def create(page):
    page.get_by_role("button", name="Continue with Free").click()
    page.get_by_role("button", name="Create organization").click()


def import_organization(page, organization, token, key):
    """From the token to the opened organization."""
    connect(page, organization, token)
    wait_until_it_can_go_on(page)
    choose_details(page, key)
    create(page)
    page.wait_for_url(f"**/organizations/{key}/")
