"""Everything accounts can refuse."""

from core.errors import DomainError


class UnknownScope(DomainError):
    code = "unknown-scope"
    message = "There is no such scope."
    field = "scopes"
