"""Second factors and forgotten passwords, with a real authenticator as far as the browser goes."""

import base64
import hashlib
import hmac
import re
import struct
import time

import pytest

from tests.e2e import path

PASSWORD = "a-harbour-of-her-own"


@pytest.fixture
def visitor(page, stack, request):
    """A page, signed in with an account of this test's own. Its address is in `visitor.email`."""
    page.email = f"{abs(hash(request.node.name))}@example.com"
    path.sign_up(page, stack, page.email, PASSWORD)
    return page


@pytest.fixture
def security_key(visitor):
    """A passkey provider in the visitor's browser, which says yes to everything."""
    session = visitor.context.new_cdp_session(visitor)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def open_guarded(page, address):
    """Second factors are changed only by who has just given the password."""
    page.goto(address)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def sign_out(page):
    page.goto("/account/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign up").first.wait_for()


def test_a_passkey_signs_in_without_a_password(visitor, security_key):
    open_guarded(visitor, "/account/2fa/webauthn/add/")
    visitor.get_by_label("Name").fill("Work laptop")
    visitor.get_by_label("Make it a passkey").check()
    visitor.get_by_role("button", name="Add key").click()
    visitor.get_by_role("heading", name="Recovery codes").wait_for()
    sign_out(visitor)

    visitor.goto("/account/login/")
    visitor.get_by_role("button", name="Sign in with a passkey").click()

    visitor.get_by_role("heading", name="Your organizations").wait_for()


def test_an_authenticator_app_is_asked_for_after_the_password(visitor):
    open_guarded(visitor, "/account/2fa/totp/activate/")
    visitor.get_by_label("Six-digit code").wait_for()
    secret = re.search(r"[A-Z2-7]{32}", visitor.get_by_role("main").inner_text())[0]
    visitor.get_by_label("Six-digit code").fill(code_now(secret))
    visitor.get_by_role("button", name="Turn on").click()
    visitor.get_by_role("heading", name="Recovery codes").wait_for()
    sign_out(visitor)

    path.sign_in(visitor, visitor.email, PASSWORD)
    visitor.get_by_label("Code").fill(code_now(secret))
    visitor.get_by_role("main").get_by_role("button", name="Sign in").click()

    visitor.get_by_role("heading", name="Your organizations").wait_for()


def code_now(secret):
    """The six digits an app would show (RFC 6238)."""
    step = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.digest(base64.b32decode(secret), step, hashlib.sha1)
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def test_a_forgotten_password_is_replaced_by_mail(visitor, stack):
    sign_out(visitor)
    visitor.goto("/account/password/reset/")
    visitor.get_by_label("E-mail address").fill(visitor.email)
    visitor.get_by_role("button", name="Send the link").click()
    visitor.get_by_role("heading", name="Look in your inbox").wait_for()
    mail = next(mail for mail in stack.mails() if visitor.email in mail["to"])
    visitor.goto(re.search(r"https?://\S+/account/password/reset/key/\S+", mail["text"])[0])
    for label in ("New password", "New password, once more"):
        visitor.get_by_label(label, exact=True).fill("another-harbour-altogether")
    visitor.get_by_role("button", name="Change password").click()
    visitor.get_by_role("heading", name="Your password is changed").wait_for()

    path.sign_in(visitor, visitor.email, "another-harbour-altogether")

    visitor.get_by_role("heading", name="Your organizations").wait_for()


def test_sent_mail_is_read_in_the_browser(visitor, stack):
    visitor.goto(f"{stack.sandbox_url}/mail/")
    visitor.get_by_role("listitem").filter(has_text=visitor.email).get_by_role("link").click()

    visitor.get_by_text("Enter this code to finish signing up.").first.wait_for()
