"""All that we hold about a person, for that person to take along.

Each room says which of its rows are somebody's: `PERSONAL_DATA` names a list of `Part` of each.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from django.apps import apps
from django.conf import settings
from django.db.models import Q
from django.utils.module_loading import import_string

from accounts.models import User

# So many rows are in memory at a time.
AT_ONCE = 500


@dataclass(frozen=True)
class Part:
    """The rows of one table that are somebody's, with `fields` of each, and never a secret.

    `title` heads them. `person` is the field that names the person, or the way to it; where it
    ends in `email`, it names an address that they have confirmed. `only` narrows the rows.
    """

    title: str
    model: str
    person: str
    fields: tuple[str, ...]
    only: Q = field(default_factory=Q)

    def rows_of(self, user: User) -> Iterator[dict[str, Any]]:
        """One after the other, in the order of their keys. A look-up is named with `_` for `__`."""
        known = apps.get_model(self.model)._default_manager.filter(self.only, **self._theirs(user))
        rows, last = known.order_by("pk").values("pk", *self.fields), None
        while piece := list((rows.filter(pk__gt=last) if last else rows)[:AT_ONCE]):
            last = piece[-1]["pk"]
            for row in piece:
                yield {name.replace("__", "_"): row[name] for name in self.fields}

    def _theirs(self, user: User) -> dict[str, Any]:
        if not self.person.endswith("email"):
            return {self.person: user.pk}
        confirmed = EmailAddress.objects.filter(user=user.pk, verified=True)
        return {f"{self.person}__in": confirmed.values("email")}


PARTS = [
    Part(
        "profile",
        "accounts.User",
        "pk",
        ("id", "email", "first_name", "last_name", "date_joined", "last_login"),
    ),
    Part("e-mail addresses", "account.EmailAddress", "user", ("email", "verified", "primary")),
    Part(
        "second factors and passkeys",
        "mfa.Authenticator",
        "user",
        ("type", "data__name", "created_at", "last_used_at"),
    ),
    Part(
        "API tokens",
        "accounts.ApiToken",
        "user",
        ("name", "prefix", "scopes", "created_at", "expires_at", "last_used_at"),
    ),
    Part(
        "notifications",
        "accounts.Notification",
        "user",
        ("kind", "severity", "title", "text", "created_at", "read_at", "mailed_at"),
    ),
    Part(
        "notifications by e-mail",
        "accounts.NotificationPreference",
        "user",
        ("kind", "by_mail"),
    ),
]


def parts() -> list[Part]:
    """Of every room."""
    return [part for path in settings.PERSONAL_DATA for part in import_string(path)]


def everything_of(user: User) -> Iterator[tuple[str, Iterator[dict[str, Any]]]]:
    """Title and rows of each part; rows are read as they are asked for."""
    for part in parts():
        yield part.title, part.rows_of(user)
