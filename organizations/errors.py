"""Everything organizations can refuse."""

from core.errors import Conflict, DomainError, Forbidden


class KeyTaken(Conflict):
    code = "key-taken"
    message = "This key is taken. Choose another one."
    field = "key"


class KeyMalformed(DomainError):
    code = "key-malformed"
    message = "This key can't be used."
    field = "key"


class AvatarUnusable(DomainError):
    code = "avatar-unusable"
    message = "This picture can't be used."
    field = "avatar"


class OrganizationGone(Conflict):
    code = "organization-gone"
    message = "This organization was deleted in the meantime."


class OwnersOnly(Forbidden):
    code = "owners-only"
    message = "Only an owner of this organization may do that. Ask one of its owners."


class MayNotCreateProjects(Forbidden):
    code = "may-not-create-projects"
    message = (
        "You may look at this organization, but not create projects in it. "
        "An owner can let you, on the page Members."
    )


class MayNotRunAnalyses(Forbidden):
    code = "may-not-run-analyses"
    message = (
        "You may look at this organization, but not run analyses in it. "
        "An owner can let you, on the page Members."
    )
