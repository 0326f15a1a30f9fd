"""The billing page of Alice's organization."""

import re

PAGE = "/organizations/harbour/billing/"


def leads_to(page):
    """By itself. A redirect that answers a form would be stopped by the browser."""
    return re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)[1]
