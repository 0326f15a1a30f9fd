"""Which repositories somebody has ticked so far, on this page of them and on others.

Nothing is kept between two requests: the form carries what was ticked on pages that are not
shown (`kept`, ids in one field, because there may be thousands) beside the boxes of this one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import QueryDict

from bindings.models import DevOpsBinding
from core.paging import Page, keyset_page
from projects.adding import addable

PAGE = 100
ORDER = ("project_name", "name", "id")


@dataclass(frozen=True)
class Choice:
    """`act` is what the button said: `search`, `page`, `project`, `all`, `none`, `count`; `on`
    is what it was said of.
    """

    ids: frozenset[UUID] = field(default_factory=frozenset)
    text: str = ""
    after: str = ""
    act: str = ""
    on: str = ""


def read_choice(sent: QueryDict) -> Choice:
    """What a form of these pages, or an address, says."""
    # No name has a null character, and PostgreSQL no place for one.
    act, _, on = sent.get("act", "").replace("\0", "").partition(":")
    places = {"search": "", "page": on}
    return Choice(
        ids=frozenset(_ids([*sent.get("kept", "").split(","), *sent.getlist("repositories")])),
        text=sent.get("q", "").replace("\0", "")[:100],
        after=places.get(act, sent.get("after", "")),
        act=act,
        on=on,
    )


def _ids(texts: Iterable[str]) -> Iterable[UUID]:
    for text in texts:
        try:
            yield UUID(text)
        except ValueError:  # no id of ours
            continue


def carried_out(choice: Choice, binding: DevOpsBinding) -> frozenset[UUID]:
    """What is ticked once the button's act is done. At most one query."""
    if choice.act == "none":
        return frozenset()
    found = addable(binding).search(choice.text)
    if choice.act == "project":
        found = found.filter(project_id=choice.on)
    elif choice.act != "all":
        return choice.ids
    return choice.ids | frozenset(found.values_list("pk", flat=True))


def page_of(choice: Choice, binding: DevOpsBinding) -> Page:
    """A page of what the token sees, by platform project; what is a project already as well."""
    known = binding.repositories.filter(vanished_at=None).search(choice.text)
    known = known.select_related("as_project").defer("as_project__secret")
    return keyset_page(known, by=ORDER, after=choice.after, length=PAGE)


def shown_choice(choice: Choice, binding: DevOpsBinding) -> dict[str, Any]:
    """What the page of choosing shows."""
    ids, page = carried_out(choice, binding), page_of(choice, binding)
    on_page = {repository.pk for repository in page.rows}
    return {
        "page": page,
        "q": choice.text,
        "after": choice.after,
        "ids": ids,
        "count": len(ids),
        "kept": joined(ids - on_page),
        "available": addable(binding).search(choice.text).count(),
    }


def joined(ids: Iterable[UUID]) -> str:
    return ",".join(sorted(pk.hex for pk in ids))
