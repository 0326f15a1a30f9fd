"""The pages for people: what there is, an organization, a repository, and signing in."""

from pathlib import Path

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from .catalogue import RESERVED_NAMES
from .model import Organization, Person
from .people import PEOPLE, SIGNED_IN_AS
from .token_pages import add_token_pages
from .world import World

_COOKIE = "sandbox-person"
_HERE = Path(__file__).parent
_CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def create_pages(world: World) -> Blueprint:
    pages = Blueprint(
        "azure",
        __name__,
        template_folder=str(_HERE / "templates"),
        static_folder=str(_HERE / "static"),
        static_url_path="/static/azure",
    )
    pages.context_processor(_frame)
    pages.after_request(_protect)
    _add_overview(pages, world)
    _add_organization(pages, world)
    add_token_pages(pages, world, signed_in)
    return pages


def signed_in() -> Person:
    """Who the visitor says they are: there is nothing to prove here."""
    key = request.cookies.get(_COOKIE, "")
    return PEOPLE[key if key in SIGNED_IN_AS else SIGNED_IN_AS[0]]


def _add_overview(pages: Blueprint, world: World) -> None:
    @pages.get("/")
    def overview() -> str:
        samples = world.tokens.samples.values()
        labels = {
            organization.name: [s.label for s in samples if s.organization == organization.name]
            for organization in world.organizations()
        }
        return render_template(
            "azure/overview.html", organizations=world.organizations(), labels=labels
        )

    @pages.route("/_signin", methods=["GET", "POST"])
    def sign_in() -> tuple[str, int]:
        """Where a client ends that follows the redirect: 203, as the real one."""
        return render_template("azure/sign_in.html"), 203

    @pages.post("/_signin/as")
    def sign_in_as() -> AnyResponse:
        back = request.form.get("back", "/")
        # A path of our own and nothing else: "//host" would lead away.
        safe = back if back.startswith("/") and not back.startswith("//") else "/"
        answer = make_response(redirect(safe, 303))
        answer.set_cookie(_COOKIE, request.form.get("person", ""), httponly=True, samesite="Lax")
        return answer


def _add_organization(pages: Blueprint, world: World) -> None:
    @pages.get("/<name>")
    @pages.get("/<name>/")
    def organization(name: str) -> str:
        found = organization_or_404(world, name)
        return render_template(
            "azure/organization.html", organization=found, git=world.git, home=found.name
        )

    @pages.get("/<name>/<project>/_git/<repository>")
    def repository(name: str, project: str, repository: str) -> str:
        found = organization_or_404(world, name)
        try:
            owner, code = world.repository_named(found, repository)
        except KeyError:
            abort(404)
        branches = world.git.branches(code)
        return render_template(
            "azure/repository.html",
            organization=found,
            home=found.name,
            project=owner,
            repository=code,
            branches=branches,
            files={ref: sorted(world.git.files(code, tip)) for ref, tip in branches.items()},
            clone_url=request.url,
        )


def organization_or_404(world: World, name: str) -> Organization:
    found = None if name.lower() in RESERVED_NAMES else world.organization(name)
    if found is None:
        abort(404)
    return found


def _frame() -> dict[str, object]:
    people = [PEOPLE[key] for key in SIGNED_IN_AS]
    return {"me": signed_in(), "people": people, "here": request.full_path.rstrip("?")}


def _protect(answer: Response) -> Response:
    """Names and mails come from anywhere, so nothing on a page may run."""
    if answer.mimetype == "text/html":
        answer.headers.setdefault("Content-Security-Policy", _CONTENT_POLICY)
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    return answer
