"""The projects of an organization, and the pages of one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from bindings.platforms import token_page
from bindings.views import frame_of
from core.http import Request, errors_on, render_form
from core.paging import keyset_page
from organizations.access import organization_for_member
from projects import own_tokens
from projects.access import project_for_member, project_for_owner
from projects.count_views import lines_of
from projects.forms import OwnTokenForm, ProjectForm
from projects.models import Project
from projects.operations import delete_project, update_project

PAGE = 50
PANEL_LENGTH = 5


def list_(request: Request, key: str) -> HttpResponse:
    """The projects by name, with search; the first ones as a panel of the overview."""
    organization = organization_for_member(request.user, key)
    text, after = request.GET.get("q", "")[:100], request.GET.get("after", "")
    is_panel = "panel" in request.GET
    page = keyset_page(
        organization.projects.shown().with_sizes().search(text),
        by=("name", "id"),
        after=after,
        length=PANEL_LENGTH if is_panel else PAGE,
    )
    context = {
        **frame_of(organization, "projects"),
        "page": page,
        "q": text,
        "is_first": not after,
        "is_panel": is_panel,
        "total": organization.projects.count(),
    }
    template = "projects/list.html#list" if request.htmx else "projects/list.html"
    return render(request, template, context)


def detail(request: Request, key: str, project_key: str) -> HttpResponse:
    """What a project is, where its code comes from, and how many lines that is."""
    project = project_for_member(request.user, key, project_key)
    part = "projects/project_lines.html#lines" if request.htmx else "projects/detail.html"
    return render(request, part, _frame(project) | lines_of(project))


def settings(request: Request, key: str, project_key: str) -> HttpResponse:
    """Its name, and what counts in it."""
    project = project_for_owner(request.user, key, project_key)
    form = ProjectForm(request.POST or None, initial={"name": project.name, "rules": project.rules})
    if form.is_valid():
        with errors_on(form):
            update_project(project, by=request.user, **form.cleaned_data)
            messages.success(request, "Saved.")
            return redirect("projects:detail", key, project_key)
    return render_form(request, "projects/settings.html", form, **_frame(project))


@never_cache
def token(request: Request, key: str, project_key: str) -> HttpResponse:
    """A token of the project's own, in place of the organization's."""
    project = project_for_owner(request.user, key, project_key)
    form = OwnTokenForm(request.POST or None)
    if form.is_valid():
        with errors_on(form):
            own_tokens.set_token(project, form.own_token(), by=request.user)
            messages.success(request, "The token reads the repository, and is used from now on.")
            return redirect("projects:detail", key, project_key)
    binding = getattr(project.organization, "binding", None)
    page = token_page(binding.external_name) if binding else ""
    return render_form(request, "projects/token.html", form, **_frame(project), token_page=page)


@require_POST
def remove_token(request: Request, key: str, project_key: str) -> HttpResponse:
    project = project_for_owner(request.user, key, project_key)
    own_tokens.remove_token(project, by=request.user)
    messages.success(request, "The project's own token is wiped; the organization's is used.")
    return redirect("projects:detail", key, project_key)


def delete(request: Request, key: str, project_key: str) -> HttpResponse:
    """Delete a project, once that was said twice."""
    project = project_for_owner(request.user, key, project_key)
    if request.method == "POST":
        delete_project(project, by=request.user)
        messages.success(request, f"{project.name} is deleted. Its repository is untouched.")
        return redirect("projects:list", key)
    return render(request, "projects/delete.html", _frame(project))


def _frame(project: Project) -> dict[str, object]:
    return {**frame_of(project.organization, "projects"), "project": project}
