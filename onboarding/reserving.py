"""Key and external organization, held for one import.

Whoever creates an organization or begins to pay for one reserves first and looks after that. The
reservation is an entry of a unique index, which another one waits for until the transaction ends:
of two at once, the second sees what the first one did.
"""

from typing import Any

from bindings.errors import AlreadyImported
from core.db import unique_or
from onboarding.errors import BeingPaid
from onboarding.models import Import
from organizations.errors import KeyTaken
from organizations.models import Organization
from organizations.operations import free_keys as keys_without_imports
from organizations.operations import hold_keys, is_kept_for
from organizations.operations import key_problem as problem_without_imports


def reserve(import_: Import, **values: Any) -> None:
    """Hold what the import names. Raises KeyTaken, and BeingPaid where it is another one's."""
    hold_keys(values.get("key", import_.key))
    for name, value in {**values, "is_reserved": True}.items():
        setattr(import_, name, value)
    try:
        with unique_or(KeyTaken()):
            import_.save(update_fields=["is_reserved", *values])
    except KeyTaken:
        others = Import.objects.filter(is_reserved=True).exclude(pk=import_.pk)
        if others.filter(platform=import_.platform, external_id=import_.external_id).exists():
            raise BeingPaid from None
        raise KeyTaken(suggestions=free_keys(import_.key)) from None


def refuse_what_is_here(import_: Import) -> None:
    """After `reserve`: what exists already can't be paid for."""
    if import_.bound_elsewhere():
        raise AlreadyImported
    if Organization.objects.filter(key=import_.key).exists() or is_kept_for(import_.key):
        raise KeyTaken(suggestions=free_keys(import_.key))


def free_keys(wanted: str, *, count: int = 3) -> list[str]:
    """Keys like the wanted one that nobody has, nor is paying for."""
    free = keys_without_imports(wanted, count=1000)
    held = Import.objects.filter(is_reserved=True, key__in=free).values_list("key", flat=True)
    return [key for key in free if key not in set(held)][:count]


def key_problem(key: str, *, of: Organization | None = None) -> str | None:
    """Why this key can't be had, or None. `of` may have one back that it had."""
    if problem := problem_without_imports(key, of=of):
        return problem
    return KeyTaken.message if is_held(key) else None


def is_held(key: str) -> bool:
    """Whether an import holds it. Named by `KEY_IS_HELD`."""
    return Import.objects.filter(is_reserved=True, key=key).exists()
