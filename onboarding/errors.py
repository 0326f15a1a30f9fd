"""Everything the import can refuse."""

from core.errors import Conflict, DomainError, TooOften


class NotReady(Conflict):
    code = "import-not-ready"
    message = "The token has not passed its checks yet, so nothing can be created from it."


class DetailsMissing(DomainError):
    code = "details-missing"
    message = "Give the organization a name and a key first."


class ImportOver(Conflict):
    code = "import-over"
    message = "This import has ended. Start a new one."


class TokenGone(Conflict):
    code = "token-gone"
    message = "The token of this import was wiped. Paste it again."


class TooManyVerifications(TooOften):
    code = "too-many-verifications"
    message = (
        "You have had many tokens checked within the hour. Wait a while, then try again; what you "
        "typed so far is kept."
    )


class PlanByContact(DomainError):
    code = "plan-by-contact"
    message = "Enterprise is agreed on with us. Write to us, and start on Free or Team meanwhile."
    field = "plan"


class BeingPaid(Conflict):
    """Somebody else's import of the same organization."""

    code = "import-being-paid"
    message = (
        "Somebody is about to pay for this Azure DevOps organization. If they don't within the "
        "hour, you can go on; nothing you typed is lost."
    )


class CheckoutOpen(Conflict):
    code = "checkout-open"
    message = "A checkout of this import is open. Go back from it first, then change what you like."


class PaidAlready(Conflict):
    code = "import-paid"
    message = "This import is paid, so it can't be stopped or changed. Its organization is next."
