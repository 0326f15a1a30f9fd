"""Pages of the desk made of panels: each room shows what it knows of a row of a lower one.

A room registers with `show_on(Organization, panel, needs="bindings.view_devopsbinding")`.
`panel(row)` returns what to show, None for nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import Model
from django.urls import reverse


@dataclass(frozen=True)
class Table:
    """`place` lists all of them, if there is such a list; each row leads to its page, if it has
    one.
    """

    title: str
    place: str
    columns: list[str]
    rows: list[tuple[str, list[str]]]


@dataclass(frozen=True)
class Entry:
    """Something in sentences. `about` is when and by whom, `mark` an icon beside the `word` that
    it stands for, `place` where the `label` leads.
    """

    title: str
    text: str = ""
    about: str = ""
    mark: str = ""
    word: str = ""
    place: str = ""
    label: str = ""


@dataclass(frozen=True)
class Panel:
    title: str
    facts: list[tuple[str, str]] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    # Where there is more to see and do.
    place: str = ""
    entries: list[Entry] = field(default_factory=list)
    # Said where there are none.
    empty: str = ""


@dataclass(frozen=True)
class _Shown:
    build: Callable[[Any], Panel | None]
    needs: str
    is_last: bool


_SHOWN: dict[type[Model], list[_Shown]] = {}


def show_on(
    model: type[Model],
    build: Callable[[Any], Panel | None],
    *,
    needs: str,
    is_last: bool = False,
) -> None:
    """Show a panel to whoever has the permission. Lower rooms come first, save for the last."""
    _SHOWN.setdefault(model, []).append(_Shown(build, needs, is_last))


def panels_of(row: Model, user: Any) -> list[Panel]:
    shown = sorted(_SHOWN.get(type(row), []), key=lambda each: each.is_last)
    built = [each.build(row) for each in shown if user.has_perm(each.needs)]
    return [panel for panel in built if panel]


def table_of(
    title: str,
    columns: list[str],
    rows: Iterable[Model],
    cells: Callable[[Any], list[str]],
    *,
    place: str = "",
) -> Table:
    """Of rows of one kind. The first column is what leads to the row's page."""
    return Table(title, place, columns, [(page_of(row), cells(row)) for row in rows])


def page_of(row: Model) -> str:
    return reverse(f"{_admin_of(type(row))}_change", args=[quote(row.pk)])


def list_of(model: type[Model], query: str = "") -> str:
    return f"{reverse(f'{_admin_of(model)}_changelist')}{query}"


def to_the_minute(at: datetime | None) -> str:
    """UTC; a dash for never."""
    return f"{at:%Y-%m-%d %H:%M}" if at else "–"


def _admin_of(model: type[Model]) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}"
