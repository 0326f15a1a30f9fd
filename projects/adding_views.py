"""Adding projects: choose repositories, look at their names, or make one by hand."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache

from bindings.models import DevOpsBinding, Repository
from bindings.platforms import token_page
from bindings.views import frame_of
from core.http import Request, errors_on, render_form
from organizations.access import Permission, organization_for
from organizations.models import Organization
from projects.adding import (
    Added,
    Naming,
    add_projects,
    addable,
    among,
    suggest_namings,
    taken_keys,
)
from projects.choosing import joined, read_choice, shown_choice
from projects.errors import NamesRefused
from projects.forms import NamingForm, NewProjectForm
from projects.keys import free_key
from projects.operations import create_project

# More than these nobody names by hand.
MOST_NAMED = 50
FIRST = 10


@never_cache
def add(request: Request, key: str) -> HttpResponse:
    """Which repositories become projects. Every button sends the form, and nothing is stored."""
    organization, binding = _of_creator(request, key)
    choice = read_choice(request.POST or request.GET)
    if request.htmx and choice.act == "count":
        return render(request, "projects/add.html#count", {"count": len(choice.ids)})
    context = {
        **frame_of(organization, "projects"),
        "binding": binding,
        **shown_choice(choice, binding),
    }
    part = "#choice" if request.htmx else ""
    return render(request, f"projects/add.html{part}", context)


@never_cache
def names(request: Request, key: str) -> HttpResponse:
    """What the chosen ones will be called; then they are made."""
    organization, binding = _of_creator(request, key)
    ids = read_choice(request.POST).ids
    repositories = among(addable(binding), ids)
    is_sent = request.POST.get("act") == "create"
    if not ids or not (repositories or is_sent):
        return _nothing_to_name(request, key, is_chosen=bool(ids))
    suggested = suggest_namings(organization, repositories)
    rows = _rows(repositories, suggested, request.POST if is_sent else None)
    if is_sent and all(form.is_valid() for _, form in rows):
        try:
            added = add_projects(organization, ids, namings=_namings(rows), by=request.user)
        except NamesRefused as refusal:
            _show_on(rows, refusal.details["problems"])
        else:
            messages.success(request, _in_words(added))
            return redirect("projects:list", key)
    context = {
        **frame_of(organization, "projects"),
        "rows": rows,
        "first": [(each, suggested[each.pk]) for each in repositories[:FIRST]],
        "count": len(repositories),
        "rest": max(0, len(repositories) - FIRST),
        "already": len(ids) - len(repositories),
        "kept": joined(ids),
        "is_refused": is_sent,
    }
    return render(request, "projects/names.html", context, status=422 if is_sent else 200)


def _nothing_to_name(request: Request, key: str, *, is_chosen: bool) -> HttpResponse:
    if is_chosen:
        messages.info(request, "What you ticked are projects already, so there is nothing to add.")
        return redirect("projects:list", key)
    if request.method == "POST":
        messages.error(request, "Nothing is ticked. Tick at least one repository.")
    return redirect("projects:add", key)


Row = tuple[Repository, NamingForm]


def _rows(
    repositories: list[Repository], suggested: dict[UUID, Naming], sent: QueryDict | None
) -> list[Row]:
    """A form for each; none where they are too many."""
    if len(repositories) > MOST_NAMED:
        return []
    return [
        (each, NamingForm(sent, prefix=each.pk.hex, initial=vars(suggested[each.pk])))
        for each in repositories
    ]


def _namings(rows: list[Row]) -> dict[UUID, Naming]:
    return {repository.pk: Naming(**form.cleaned_data) for repository, form in rows}


def _show_on(rows: list[Row], problems: dict[UUID, str]) -> None:
    for repository, form in rows:
        if repository.pk in problems:
            form.add_error("key", problems[repository.pk])


def _in_words(added: Added) -> str:
    """“3 projects added; 2 were projects already.”"""
    were = "was a project" if added.already == 1 else "were projects"
    before = f"{added.already:,} {were} already." if added.already else ""
    if not added.count:
        return f"Nothing was added. {before}".strip()
    made = "1 project is" if added.count == 1 else f"{added.count:,} projects are"
    return f"{made} added. {before}".strip()


@never_cache
def new(request: Request, key: str) -> HttpResponse:
    """A project by hand; htmx asks for the key that its name would give."""
    organization = organization_for(request.user, key, Permission.CREATE_PROJECTS)
    context: dict[str, Any] = frame_of(organization, "projects")
    if request.htmx and request.method == "GET":
        name = request.GET.get("name", "").strip()
        context["suggestion"] = free_key(name, "", taken=taken_keys(organization)) if name else ""
        return render(request, "projects/new.html#suggestion", context)
    form = NewProjectForm(request.POST or None)
    if form.is_valid():
        with errors_on(form):
            project = create_project(organization, form.wanted(), by=request.user)
            messages.success(request, f"{project.name} is here.")
            return redirect("projects:detail", key, project.key)
    binding = DevOpsBinding.objects.filter(organization=organization).first()
    page = token_page(binding.external_name) if binding else ""
    return render_form(
        request, "projects/new.html", form, **context, binding=binding, token_page=page
    )


def _of_creator(request: Request, key: str) -> tuple[Organization, DevOpsBinding]:
    organization = organization_for(request.user, key, Permission.CREATE_PROJECTS)
    return organization, get_object_or_404(DevOpsBinding, organization=organization)
