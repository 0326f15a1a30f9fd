"""What can go wrong, in words that know nothing of HTTP.

* DomainError     a rule said no
  - Forbidden     this person may not
  - Conflict      someone else got there first, or it is so already
  - Moved         it has another name by now, and who asked may know it
  - NeedsPlan     it is more than what was bought
  - TooOften      it was done too many times in a short while
  - Unavailable   an outside system did not answer; trying again may work

Operations raise these. `core.http` turns them into form errors, pages and
problem+json, and nothing else needs to.
"""

from typing import Any


class DomainError(Exception):
    """A rule said no. The message is written for the person who asked."""

    code = "refused"
    message = "That can't be done."
    field: str | None = None

    def __init__(self, message: str = "", **details: Any) -> None:
        self.message = message or type(self).message
        # Members of the problem document beside code and title, e.g. suggestions.
        self.details = details
        super().__init__(self.message)


class Forbidden(DomainError):
    code = "forbidden"
    message = "You may not do that."


class Conflict(DomainError):
    code = "conflict"
    message = "Someone else changed this first. Reload the page and look again."


class Moved(Conflict):
    """`names` are the parts of the address that changed, by their names in the URLs. Who looks is
    led there; who changes something on a page is told to look first.
    """

    code = "moved"
    message = "This has another address by now. Open it there, and do it again."

    def __init__(self, **names: str) -> None:
        self.names = names
        super().__init__()


class NeedsPlan(DomainError):
    code = "needs-plan"
    message = "This is more than the plan has."


class TooOften(DomainError):
    code = "too-often"
    message = "That was tried too often. Wait a while, then try again."


class Unavailable(DomainError):
    code = "unavailable"
    message = "An outside service is not answering. Try again soon."
