"""The page *Personal access tokens*: a list, a form, and the token, once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from .model import Organization, Person
from .scopes import AREAS, FULL_ACCESS, described, known
from .world import World

_PATH = "/<name>/_usersSettings/tokens"
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


def add_token_pages(pages: Blueprint, world: World, signed_in: Callable[[], Person]) -> None:
    _add_list(pages, world, signed_in)
    _add_form(pages, world, signed_in)


def _add_list(pages: Blueprint, world: World, signed_in: Callable[[], Person]) -> None:
    @pages.get(_PATH)
    def tokens(name: str) -> str:
        organization = _organization_or_404(world, name)
        return render_template(
            "azure/tokens.html",
            home=organization.name,
            tokens=world.tokens.of(signed_in().key, organization.instance_id),
            described=described,
            now=datetime.now(UTC),
        )

    @pages.post(f"{_PATH}/<token_id>/revoke")
    def revoke_token(name: str, token_id: str) -> AnyResponse:
        organization = _organization_or_404(world, name)
        mine = world.tokens.of(signed_in().key, organization.instance_id)
        if token_id not in {token.id for token in mine}:
            abort(404)
        world.tokens.revoke(token_id)
        return redirect(f"/{organization.name}/_usersSettings/tokens", 303)


def _add_form(pages: Blueprint, world: World, signed_in: Callable[[], Person]) -> None:
    @pages.get(f"{_PATH}/new")
    def new_token(name: str) -> str:
        return _render_form(_organization_or_404(world, name), _fresh_form(), 200)[0]

    @pages.post(_PATH)
    def create_token(name: str) -> Response | tuple[str, int]:
        organization = _organization_or_404(world, name)
        form = read_form(request.form)
        if form.errors:
            return _render_form(organization, form, 422)
        secret = world.tokens.issue(
            name=form.name,
            person=signed_in().key,
            instance_id=organization.instance_id,
            scopes=form.granted,
            days=form.days,
        )
        return _shown_once(organization, form, secret)


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


def _shown_once(organization: Organization, form: NewToken, secret: str) -> Response:
    page = render_template(
        "azure/token_created.html",
        home=organization.name,
        form=form,
        secret=secret,
        scopes=described(form.granted),
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
