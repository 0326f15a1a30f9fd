"""The pages for people: what there is, signing in, and an address where nothing is."""

from pathlib import Path

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from .catalogue import RESERVED_NAMES
from .code_pages import add_code_pages
from .token_pages import add_token_pages
from .visitor import become, frame, protect
from .world import World

_HERE = Path(__file__).parent


def create_pages(world: World) -> Blueprint:
    pages = Blueprint(
        "azure",
        __name__,
        template_folder=str(_HERE / "templates"),
        static_folder=str(_HERE / "static"),
        static_url_path="/static/azure",
    )
    pages.context_processor(frame)
    pages.after_request(protect)
    _add_overview(pages, world)
    add_code_pages(pages, world)
    add_token_pages(pages, world)
    return pages


def not_found(world: World) -> Response:
    """404, with the ways on that the address leaves: perhaps its organization is there."""
    name = request.path.strip("/").partition("/")[0].lower()
    organization = None if name in RESERVED_NAMES else world.organization(name)
    page = render_template("azure/not_found.html", organization=organization, **frame())
    return protect(make_response(page, 404))


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
        return become()
