"""Everything bindings can refuse."""

from core.errors import Conflict, DomainError, TooOften


class AlreadyImported(Conflict):
    code = "already-imported"
    message = (
        "This Azure DevOps organization is here already. Ask its owners to let you in, or claim "
        "it if none of them can be reached."
    )
    field = "organization"


class ChecksTooOften(TooOften):
    code = "too-many-checks"
    message = "This token was checked very often in the last hour. Wait a while, then try again."


class ExpiryImpossible(DomainError):
    code = "expiry-impossible"
    message = "No token can have this expiry date."
    field = "token_expires_on"


class SameToken(Conflict):
    code = "same-token"
    message = (
        "This is the token that is in use, and it works. Create a new one in Azure DevOps and "
        "paste that."
    )
    field = "token"


class NoToken(Conflict):
    code = "no-token"
    message = (
        "This organization has no token, because its own were wiped when it was to be deleted. "
        "Create one in Azure DevOps and paste it under Binding."
    )


class TokenChanged(Conflict):
    code = "token-changed"
    message = (
        "Somebody changed the tokens of this organization meanwhile, so nothing was done. Look at "
        "them as they are now."
    )


class StandbyWaits(Conflict):
    code = "standby-waits"
    message = (
        "A token that works stands by, and would be wiped before this one is verified, so nothing "
        "was done. Use it or wipe it first, or confirm that it may be wiped, and paste this one "
        "again."
    )
    field = "replace_standby"


class NothingToAccept(Conflict):
    code = "nothing-to-accept"
    message = "No verified token waits for your decision. Reload the page and look again."


class NothingToUndo(Conflict):
    code = "nothing-to-undo"
    message = (
        "There is no earlier token to bring back: a replaced token is kept for 24 hours and then "
        "wiped. Create a new one in Azure DevOps."
    )


class CodeTooLarge(DomainError):
    """`limit` is in bytes."""

    code = "code-too-large"

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(
            f"The code of this branch is larger than {_size(limit)}, compressed, so it was not "
            "fetched. Take out of it what is no code, such as binaries and data."
        )


class CommitGone(Conflict):
    code = "commit-gone"
    message = (
        "The branch has moved in Azure DevOps meanwhile, and this commit is not there any more. "
        "Try again with the branch as it is now."
    )


class NoArchive(DomainError):
    code = "no-archive"
    message = (
        "Azure DevOps refused the archive of this repository, and git is not installed where "
        "Mooring runs. Ask whoever runs Mooring to install git."
    )


def _size(limit: int) -> str:
    if limit >= 1_000_000_000:
        return f"{limit / 1_000_000_000:.3g} GB"
    return f"{limit / 1_000_000:.3g} MB"
