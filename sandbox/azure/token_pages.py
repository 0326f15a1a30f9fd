"""The page *Personal access tokens*: a list, a form, and the token, once."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from .model import Organization, Token
from .scopes import AREAS, FULL_ACCESS, described, known
from .token_rows import rows_of
from .visitor import signed_in
from .world import World

_SETTINGS = "/<name>/_usersSettings"
_PATH = f"{_SETTINGS}/tokens"
_LIFETIMES = (30, 60, 90)
_LONGEST = timedelta(days=365)
_GLOBAL_REFUSED = (
    "Tokens for all accessible organizations can no longer be created: Azure DevOps retired global "
    "tokens on 15 March 2026, and those that exist stop working on 1 December 2026. Choose one "
    "organization."
)


@dataclass
class NewToken:
    """The form as it was sent. `errors` maps a field to what is wrong with it."""

    name: str
    organization: str
    expires: str
    expires_on: str
    access: str
    scopes: frozenset[str]
    errors: dict[str, str]

    @property
    def granted(self) -> frozenset[str]:
        return frozenset({FULL_ACCESS}) if self.access == "full" else self.scopes

    @property
    def days(self) -> int:
        """Whole days until it expires; only once the form has no errors."""
        if self.expires != "custom":
            return int(self.expires)
        return (date.fromisoformat(self.expires_on) - _today()).days


def add_token_pages(pages: Blueprint, world: World) -> None:
    _add_list(pages, world)
    _add_form(pages, world)
    _add_creation(pages, world)


def _add_list(pages: Blueprint, world: World) -> None:
    @pages.get(_PATH)
    def tokens(name: str) -> str:
        organization = _organization_or_404(world, name)
        rows = rows_of(_tokens_of_visitor(world, organization), datetime.now(UTC))
        return render_template(
            "azure/tokens.html",
            home=organization.name,
            mine=[row for row in rows if not row.token.label],
            samples=[row for row in rows if row.token.label],
        )

    @pages.get(_SETTINGS)
    @pages.get(f"{_SETTINGS}/<path:page>")
    def other_settings(name: str, page: str = "") -> AnyResponse:
        """The tokens are the only settings there are."""
        return redirect(_list_path(_organization_or_404(world, name)))

    @pages.post(f"{_PATH}/<token_id>/revoke")
    def revoke_token(name: str, token_id: str) -> AnyResponse:
        organization = _organization_or_404(world, name)
        if token_id not in {token.id for token in _tokens_of_visitor(world, organization)}:
            abort(404)
        world.tokens.revoke(token_id)
        return redirect(_list_path(organization), 303)


def _add_form(pages: Blueprint, world: World) -> None:
    @pages.get(f"{_PATH}/new")
    def new_token(name: str) -> str:
        return _render_form(_organization_or_404(world, name), _fresh_form(), 200)[0]


def _add_creation(pages: Blueprint, world: World) -> None:
    # Tokens that were made and not yet shown, by their id. Making and showing are two
    # requests, so that a reload makes no second token.
    unseen: dict[str, str] = {}

    @pages.post(_PATH)
    def create_token(name: str) -> AnyResponse | tuple[str, int]:
        organization = _organization_or_404(world, name)
        form = read_form(request.form)
        if form.errors:
            return _render_form(organization, form, 422)
        token, secret = _issue(world, organization, form)
        unseen[token.id] = secret
        return redirect(f"{_list_path(organization)}/{token.id}/created", 303)

    @pages.get(f"{_PATH}/<token_id>/created")
    def show_created(name: str, token_id: str) -> AnyResponse:
        organization = _organization_or_404(world, name)
        mine = {token.id: token for token in _tokens_of_visitor(world, organization)}
        secret = unseen.pop(token_id, None) if token_id in mine else None
        if secret is None:
            return redirect(_list_path(organization), 303)
        return _shown_once(organization, mine[token_id], secret)


def _issue(world: World, organization: Organization, form: NewToken) -> tuple[Token, str]:
    secret = world.tokens.issue(
        name=form.name,
        person=signed_in().key,
        instance_id=organization.instance_id,
        scopes=form.granted,
        days=form.days,
    )
    token = world.tokens.recognise(secret)
    assert token is not None
    return token, secret


def _tokens_of_visitor(world: World, organization: Organization) -> list[Token]:
    return world.tokens.of(signed_in().key, organization.instance_id)


def _list_path(organization: Organization) -> str:
    return f"/{organization.name}/_usersSettings/tokens"


def read_form(sent: MultiDict[str, str]) -> NewToken:
    form = NewToken(
        name=sent.get("name", "").strip(),
        organization=sent.get("organization", "this"),
        expires=sent.get("expires", "30"),
        expires_on=sent.get("expires_on", ""),
        access=sent.get("access", "custom"),
        scopes=known(sent.getlist("scopes")),
        errors={},
    )
    checks = {
        "name": "" if form.name else "Give the token a name.",
        "organization": _GLOBAL_REFUSED if form.organization == "all" else "",
        "expires": _lifetime_error(form),
        "scopes": "" if form.granted else "Select at least one scope.",
    }
    form.errors = {field: error for field, error in checks.items() if error}
    return form


def _lifetime_error(form: NewToken) -> str:
    if form.expires in map(str, _LIFETIMES):
        return ""
    if form.expires != "custom":
        return "Choose one of the lifetimes in the list, or a day of your own."
    try:
        chosen = date.fromisoformat(form.expires_on)
    except ValueError:
        return "Choose the day on which the token expires."
    if not _today() < chosen <= _today() + _LONGEST:
        return "Choose a day after today, and at most one year ahead."
    return ""


def _fresh_form() -> NewToken:
    return NewToken("", "this", "30", "", "custom", frozenset(), {})


def _render_form(organization: Organization, form: NewToken, status: int) -> tuple[str, int]:
    page = render_template(
        "azure/new_token.html",
        home=organization.name,
        form=form,
        areas=AREAS,
        lifetimes=_LIFETIMES,
        tomorrow=_today() + timedelta(days=1),
        latest=_today() + _LONGEST,
        today=_today(),
        timedelta=timedelta,
    )
    return page, status


def _shown_once(organization: Organization, token: Token, secret: str) -> Response:
    page = render_template(
        "azure/token_created.html",
        home=organization.name,
        token=token,
        secret=secret,
        scopes=described(token.scopes),
    )
    answer = make_response(page)
    # Neither the browser's cache nor its Back button may show it a second time.
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _organization_or_404(world: World, name: str) -> Organization:
    found = world.organization(name)
    if found is None:
        abort(404)
    return found


def _today() -> date:
    return datetime.now(UTC).date()
