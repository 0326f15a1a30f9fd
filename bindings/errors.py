"""Everything bindings can refuse."""

from core.errors import Conflict


class AlreadyImported(Conflict):
    code = "already-imported"
    message = (
        "This Azure DevOps organization is here already. Ask its owners to let you in, or claim "
        "it if none of them can be reached."
    )
    field = "organization"
