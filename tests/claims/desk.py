"""How the desk for claims is read and pressed in tests."""

import re

BECAUSE = "She answered from the billing address."


def page_of(claim, rest="change/"):
    return f"/admin/claims/accessclaim/{claim.pk}/{rest}"


def panels(browser, claim):
    """What each panel says, by its title."""
    page = browser.get(page_of(claim))
    assert page.status_code == 200
    parts = re.split(r'<section class="panel"[^>]*>\s*<h2[^>]*>', page.text)[1:]
    found = {re.sub(r"<[^>]+>", "", part.partition("</h2>")[0]): part for part in parts}
    return {title: _words(part) for title, part in found.items()}


def _words(part):
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


def act(browser, claim, name, **typed):
    return browser.post(page_of(claim, f"act/{name}/"), typed)


def offered(browser, claim):
    return set(re.findall(r"/act/([\w-]+)/", browser.get(page_of(claim)).text))


def actions(organization):
    return list(organization.audit_events.order_by("pk").values_list("action", flat=True))
