"""Everything accounts can refuse."""

from core.errors import DomainError


class UnfitName(DomainError):
    code = "unfit-name"
    message = "A token's name has 1 to 100 characters."
    field = "name"


class UnknownScope(DomainError):
    code = "unknown-scope"
    message = "There is no such scope."
    field = "scopes"
