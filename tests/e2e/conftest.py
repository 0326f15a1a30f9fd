"""A browser, and the whole product for it to visit."""

import os
import re
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from bin.processes import ROOT
from bin.stack import OWNER
from tests.e2e.stack import running_stack

PICTURES = ROOT / "var" / "pictures"
WIDTHS = {320: 640, 768: 1024, 1280: 860}
# Colours are the same at every width, and what moves with the width moves in both themes.
LOOKED_AT = {320: ("light", "dark"), 768: (), 1280: ("light",)}
if os.environ.get("LOOKS") == "all":
    LOOKED_AT = dict.fromkeys(WIDTHS, ("light", "dark"))
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A page that refuses something answers with 4xx, which the browser logs as an error.
_REFUSAL = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


@pytest.fixture(scope="session")
def stack():
    """The product with its worker, broker, sandbox and database, from tests/e2e/stack.py."""
    with running_stack() as running:
        yield running


@pytest.fixture(scope="session")
def browser():
    path = _find_browser()
    if path is None and os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail("REQUIRE_BROWSER is 1, but there is no Chromium.")
    if path is None:
        pytest.skip("No Chromium found: install chromium, or name one with CHROMIUM.")
    # Playwright keeps an event loop in this thread; Django would refuse to query beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()


def _find_browser():
    names = [name for name in (os.environ.get("CHROMIUM"), *_BROWSERS) if name]
    return next((path for path in map(shutil.which, names) if path), None)


@pytest.fixture
def complaints():
    """What pages complained about. A test that expects something empties it."""
    return []


@pytest.fixture
def new_page(stack, browser, complaints):
    """`new_page()`: a page of a fresh visitor. Addresses are relative to the product."""
    contexts = []

    def open_page(**options):
        context = browser.new_context(base_url=stack.url, **options)
        contexts.append(context)
        # A machine that does much else at the same time is slow, and not wrong.
        context.set_default_timeout(90_000)
        context.on("console", lambda message: _note_console(message, complaints))
        context.on("weberror", lambda error: complaints.append(f"Uncaught: {error.error}"))
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints, "The browser complained:\n" + "\n".join(complaints)


def _note_console(message, complaints):
    url = message.location.get("url", "")
    is_refusal = _REFUSAL.match(message.text) and "/static/" not in url
    if message.type == "error" and not is_refusal:
        complaints.append(f"{message.text} ({url})")


@pytest.fixture
def page(new_page):
    """A fresh visitor's page. Errors on its console and breaches of the CSP fail the test."""
    return new_page()


@pytest.fixture(scope="session")
def _signed_in():
    return {}


@pytest.fixture
def page_of(new_page, stack, _signed_in):
    """A signed-in page: `page_of(SUPPORT)`. The sign-in itself happens once for all tests,
    so a test that signs out signs in by itself, on `page`.
    """

    def open_page(email=OWNER, **options):
        if email not in _signed_in:
            visitor = new_page()
            visitor.goto("/account/login/")
            visitor.locator("[name=login]").fill(email)
            visitor.locator("[name=password]").fill(stack.passwords[email])
            visitor.locator("[name=password]").press("Enter")
            visitor.wait_for_url(lambda url: "/account/login/" not in url)
            _signed_in[email] = visitor.context.storage_state()
        return new_page(storage_state=_signed_in[email], **options)

    return open_page


@pytest.fixture(scope="session")
def axe():
    """`axe(page)`: nothing on the page keeps anybody out, as far as a program can tell."""

    def check(page):
        violations = Axe().run(page).response["violations"]
        assert not violations, "\n".join([f"On {page.url}:", *map(_describe, violations)])

    return check


def _describe(violation):
    places = [f"      {node['html'][:160]}" for node in violation["nodes"][:5]]
    return "\n".join([f"  {violation['id']} ({violation['impact']}): {violation['help']}", *places])


@pytest.fixture
def look(axe):
    """`look(page, "connect")`: at three widths and in both themes, as it stands."""
    PICTURES.mkdir(parents=True, exist_ok=True)

    def look_at(page, name):
        page.wait_for_load_state("networkidle")
        # A colour on its way from one theme to the other is nobody's choice.
        page.emulate_media(reduced_motion="reduce")
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            for theme in LOOKED_AT[width]:
                page.emulate_media(color_scheme=theme)
                axe(page)
                page.screenshot(path=PICTURES / f"{name}-{width}-{theme}.png", full_page=True)
            wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wider <= 0, f"{name} is {wider} px wider than {width}."

    return look_at
