"""The audit log by hand, and what support sees of an organization: on the record too."""

import csv
import re

import pytest

from bin.stack import SUPPORT
from tests.e2e import path


@pytest.mark.timeout(300)
def test_owners_read_what_happened_and_support_looks_on_the_record(
    page_of, look, stack, complaints
):
    owner, support = page_of(), page_of(SUPPORT)
    path.import_organization(owner, "thousand", stack.token("thousand"), "on-record")
    owner.get_by_role("link", name="Audit log").click()
    owner.get_by_text("Bound to its organization in Azure DevOps").wait_for()
    look(owner, "audit-log")

    support.goto("/admin/organizations/organization/?q=on-record")
    support.locator("#result_list").get_by_role("link", name="on-record").click()
    support.get_by_role("heading", name="Lately told to owners").wait_for()
    assert complaints == []
    look(support, "support-organization")
    # axe copies the style sheets that the admin's own import, and the page's policy refuses that.
    complaints.clear()

    owner.set_viewport_size({"width": 1280, "height": 860})
    owner.get_by_label("What").select_option("Support")
    owner.get_by_role("button", name="Show", exact=True).click()
    owner.get_by_role("cell", name=f"Mooring support ({SUPPORT})").wait_for()
    assert re.search(r"family=support", owner.url)
    look(owner, "audit-log-narrowed")
    with owner.expect_download() as taken:
        owner.get_by_role("link", name="CSV").click()
    with open(taken.value.path(), newline="") as file:
        _, row = csv.reader(file)
    assert row[1] == "Looked at by Mooring support"
