"""The audit log of an organization, for its owners: to read, and to take along."""

from django.http import HttpResponse, HttpResponseBase

from core.exports import csv_response, json_lines_response
from core.http import Request, render_form
from organizations.access import organization_for_owner
from organizations.audit_forms import WantedForm
from organizations.history import as_data, events_of, in_pieces, page_of
from organizations.models import AuditEvent

COLUMNS = ["Time (UTC)", "What", "Who", "How", "Details", "Action", "Request id"]


def log(request: Request, key: str) -> HttpResponse:
    organization = organization_for_owner(request.user, key)
    form = WantedForm(request.GET)
    after = request.GET.get("after", "")
    page = None
    if form.is_valid():
        page = page_of(events_of(organization, form.wanted), after=after)
    frame = {"organization": organization, "nav": "audit", "can_administer": True}
    narrowed = any(request.GET.get(name) for name in form.fields)
    context = {**frame, "page": page, "is_first": not after, "is_narrowed": narrowed}
    return render_form(request, "organizations/audit.html", form, **context)


def as_csv(request: Request, key: str) -> HttpResponseBase:
    """A spreadsheet of what the page shows, all pages of it."""
    organization, form = organization_for_owner(request.user, key), WantedForm(request.GET)
    if not form.is_valid():
        return log(request, key)
    pieces = in_pieces(events_of(organization, form.wanted))
    rows = ([_row(event) for event in piece] for piece in pieces)
    return csv_response(f"{key}-audit-log.csv", COLUMNS, rows)


def as_json_lines(request: Request, key: str) -> HttpResponseBase:
    """The same for programs: on each line an event as the API has it."""
    organization, form = organization_for_owner(request.user, key), WantedForm(request.GET)
    if not form.is_valid():
        return log(request, key)
    pieces = in_pieces(events_of(organization, form.wanted))
    rows = ([as_data(event) for event in piece] for piece in pieces)
    return json_lines_response(f"{key}-audit-log.jsonl", rows)


def _row(event: AuditEvent) -> list[str]:
    facts = "; ".join(f"{label}: {value}" for label, value in event.facts)
    at = event.at.isoformat(timespec="seconds")
    return [at, event.title, event.who, event.how, facts, event.action, event.request_id]
