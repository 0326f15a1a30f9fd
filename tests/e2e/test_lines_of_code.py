"""From repositories to a sum: estimated before the plan, made into projects, counted, drawn."""

import pytest

from tests.e2e import path

# Readings of the past, as time alone makes them.
A_PAST = """
from datetime import timedelta
from django.utils import timezone
from organizations.models import Organization
from projects.models import UsageReading
harbour = Organization.objects.get(key="lines")
today = timezone.now().date()
UsageReading.objects.bulk_create(
    UsageReading(organization=harbour, day=today - timedelta(days=n), loc=1400 - 6 * n, projects=6)
    for n in range(1, 80)
)
"""


BERTHS = {f"berths/part_{n}.py": "# A berth.\nlength = 1\ndepth = 2\n" * 40 for n in range(12)}
QUAY = {"src/quay.ts": "let ships = 0;\n" * 300, "test/quay.test.ts": "let a = 1;\n" * 80}
TIDES = {"tides.go": "package tides\n" * 250, "vendor/clock/clock.go": "package clock\n" * 900}


def build_organization(stack):
    """Three programs, one of them larger on a branch. Its token."""
    stack.ask_sandbox("POST", "organizations", {"name": "pier", "repositories": 150, "projects": 5})
    for name, files in {"berths": BERTHS, "quay": QUAY, "tides": TIDES}.items():
        body = {"project": "Dock 001", "name": name, "files": files}
        stack.ask_sandbox("POST", "organizations/pier/repositories", body)
    more = {"branch": "feature/pilots", "files": {"berths/pilots.py": "pilot = 1\n" * 120}}
    stack.ask_sandbox("POST", "organizations/pier/repositories/berths/commits", more)
    return stack.ask_sandbox("POST", "organizations/pier/tokens", {})["token"]


@pytest.mark.timeout(300)
def test_what_an_import_will_need_is_counted_before_the_plan(page_of, look, stack):
    page = page_of()
    path.connect(page, "pier", build_organization(stack))
    path.wait_until_it_can_go_on(page)
    path.choose_details(page, "lines")
    page.get_by_text("private repositories are done").wait_for()
    look(page, "plan-counting")
    page.get_by_role("button", name="Stop counting").click()
    page.get_by_text("Counting was stopped").wait_for()
    look(page, "plan-stopped")
    page.get_by_role("button", name="Count again").click()
    page.get_by_text("lines so far").wait_for()
    path.create(page)
    page.wait_for_url("**/organizations/lines/")


@pytest.mark.timeout(300)
def test_repositories_become_projects_and_are_counted(page_of, look, stack):
    page = page_of()
    page.goto("/organizations/lines/projects/")
    look(page, "projects-none")
    page.get_by_role("link", name="Add projects").first.click()
    look(page, "projects-add")
    page.get_by_role("button", name="Select all").first.click()
    page.get_by_role("button", name="Clear the selection").wait_for()
    page.get_by_role("button", name="Continue").click()
    look(page, "projects-names")
    page.get_by_role("button", name="Add").click()
    page.wait_for_url("**/organizations/lines/projects/")
    look(page, "projects")

    page.goto("/organizations/lines/lines-of-code/")
    page.get_by_role("button", name="Count now").click()
    page.get_by_text("Python").first.wait_for()
    stack.manage("shell", "-v", "0", "-c", A_PAST)
    page.reload()
    look(page, "lines-of-code-drawn")
    page.get_by_role("link", name="berths").first.click()
    page.get_by_text("feature/pilots").first.wait_for()
    look(page, "project")
    page.get_by_role("link", name="Settings").last.click()
    look(page, "project-settings")
    page.goto("/organizations/lines/")
    look(page, "overview-counted")


@pytest.mark.timeout(300)
def test_a_project_by_hand_and_its_end(page_of, look):
    page = page_of()
    page.goto("/organizations/lines/projects/new/")
    look(page, "project-new")
    page.get_by_label("Name").fill("Sketches of a pier")
    page.get_by_role("button", name="Create").click()
    page.get_by_role("heading", name="Sketches of a pier").wait_for()
    look(page, "project-by-hand")
    page.get_by_role("link", name="Settings").last.click()
    page.get_by_role("link", name="Delete").click()
    look(page, "project-delete")
    page.get_by_role("button", name="Delete").click()
    page.wait_for_url("**/organizations/lines/projects/")

    assert page.get_by_text("Sketches of a pier", exact=True).count() == 0
