"""What `manage.py check --database default` and `migrate` refuse to go on with."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import OperationalError, ProgrammingError

from billing.modes import mixed_modes


@register(Tags.database)
def check_modes(databases: Any = None, **_: object) -> list[CheckMessage]:
    if not databases:
        return []
    try:
        return [Error(problem, id="billing.E001") for problem in mixed_modes()]
    except (OperationalError, ProgrammingError):
        # Before the first migration there is nothing to mix.
        return []
