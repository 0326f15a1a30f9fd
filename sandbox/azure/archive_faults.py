"""What may be wrong with the zip of a repository that is otherwise in order.

None of it is recorded or documented. The statuses are plausible; 403 and 404 are worded as the
service words them elsewhere, and what 400 and 406 say is made up.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import repeat

from .call import Call
from .ids import person_id
from .missing import no_such_item
from .model import ArchiveFault, Repository
from .refusals import Page, Refusal, invalid_argument

# Set in the WSGI environment by the server: ends the connection in the middle of an answer.
BREAK_OFF = "sandbox.break_off"

_GIT = "Microsoft.TeamFoundation.Git.Server"
_COMMON = "Microsoft.VisualStudio.Services.Common"
_PAGE = (
    "<!DOCTYPE html><html><head><title>Azure DevOps Services</title></head><body>"
    "<p>The download is being prepared.</p></body></html>"
)
# A file without a length, as one begins whose end isn't known yet.
_ENDLESS_FILE = b"PK\x03\x04\x14\x00\x08\x00" + bytes(18) + b"\x05\x00\x00\x00" + b"a.bin"
_BLOCK = bytes(64 * 1024)


def refuse(call: Call, repository: Repository) -> None:
    """Raise what the service answers instead of a zip, if anything."""
    fault = _fault(call, repository)
    if fault in _REFUSALS:
        raise _REFUSALS[fault](call, repository)


def spoil(call: Call, repository: Repository, pieces: Iterable[bytes]) -> Iterable[bytes]:
    """The zip as it is sent."""
    spoiler = _SPOILERS.get(_fault(call, repository))
    return spoiler(call, pieces) if spoiler else pieces


def _fault(call: Call, repository: Repository) -> ArchiveFault:
    return repository.archive_fault or call.organization.archive_fault


def _forbidden(call: Call, _repository: Repository) -> Refusal:
    return Refusal(
        403,
        "TF401027: You need the Git 'GenericRead' permission to perform this action. Details: "
        f"identity 'Build\\{person_id(call.person)}', scope 'repository'.",
        f"{_GIT}.GitNeedsPermissionException",
    )


def _missing(_call: Call, repository: Repository) -> Refusal:
    return no_such_item("/", repository.name, "0" * 40)


def _bad(_call: Call, _repository: Repository) -> Refusal:
    return invalid_argument("The parameter $format is not valid for a folder.")


def _not_acceptable(_call: Call, _repository: Repository) -> Refusal:
    message = "The requested media type application/zip is not supported for this resource."
    return Refusal(406, message, f"{_COMMON}.VssServiceException")


def _html(_call: Call, _repository: Repository) -> Page:
    return Page(200, _PAGE)


def _broken_off(call: Call, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Half of it. The length was never told, so only the missing end shows it."""
    for piece in pieces:
        yield piece[: max(1, len(piece) // 2)]
        break
    call.request.environ[BREAK_OFF]()


def _endless(_call: Call, _pieces: Iterable[bytes]) -> Iterator[bytes]:
    yield _ENDLESS_FILE
    yield from repeat(_BLOCK)


_REFUSALS: dict[ArchiveFault, Callable[[Call, Repository], Refusal | Page]] = {
    ArchiveFault.FORBIDDEN: _forbidden,
    ArchiveFault.NOT_FOUND: _missing,
    ArchiveFault.BAD_REQUEST: _bad,
    ArchiveFault.NOT_ACCEPTABLE: _not_acceptable,
    ArchiveFault.HTML: _html,
}
_SPOILERS: dict[ArchiveFault, Callable[[Call, Iterable[bytes]], Iterable[bytes]]] = {
    ArchiveFault.BREAKS_OFF: _broken_off,
    ArchiveFault.ENDLESS: _endless,
}
