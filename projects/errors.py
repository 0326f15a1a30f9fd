"""Everything projects can refuse."""

from core.errors import Conflict, DomainError, TooOften, Unavailable


class ProjectKeyTaken(Conflict):
    code = "project-key-taken"
    message = "Another project of this organization has this key. Choose another one."
    field = "key"


class ProjectKeyMalformed(DomainError):
    code = "project-key-malformed"
    message = "This key can't be used."
    field = "key"


class NamesRefused(DomainError):
    """Some of many names or keys can't be had; `problems` tells which, by repository."""

    code = "project-names-refused"
    message = "Some names or keys can't be used, so nothing was added. Change them and try again."


class RepositoryIsProject(Conflict):
    code = "repository-already-a-project"
    message = "This repository is a project already."
    field = "repository"


class RepositoryUnknown(DomainError):
    code = "repository-unknown"
    message = (
        "The organization's token sees no such repository. Compare the names, or give the token's "
        "account access to it and check the binding again."
    )
    field = "repository"


class RulesUnreadable(DomainError):
    code = "rules-unreadable"
    message = "These rules can't be read."
    field = "rules"


class ProjectGone(Conflict):
    code = "project-gone"
    message = "This project was deleted in the meantime."


class SourceMissing(DomainError):
    code = "source-missing"
    message = "A token is for a repository. Say which one it reads: its project and its name."
    field = "repository"


class TokenRefused(DomainError):
    """The platform's verdict, in words."""

    code = "project-token-refused"
    message = "Azure DevOps refused this token."
    field = "token"


class TokenUnanswered(Unavailable):
    code = "project-token-unanswered"
    message = "Azure DevOps is not answering. The token has not been judged; try again soon."
    field = "token"


class EstimateRunning(Conflict):
    code = "estimate-running"
    message = (
        "An estimate of this organization is being counted already, and one at a time is what "
        "Azure DevOps takes. Wait until it is done, or stop it."
    )


class CountedOften(TooOften):
    code = "counted-often"
    message = (
        "This was counted very often in the last hour. Wait a while, or leave it to the night: "
        "then everything is counted anyway."
    )


class NothingToEstimate(DomainError):
    code = "nothing-to-estimate"
    message = "Every repository that the token sees is a project already. There is none to add."
