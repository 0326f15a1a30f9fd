"""What people are told about, how grave it is, and which mails can't be switched off."""

from django.db import models


class Severity(models.TextChoices):
    """The gravest first."""

    DANGER = "danger", "Act now"
    WARNING = "warning", "Act soon"
    INFO = "info", "To know"
    GOOD = "good", "Good news"

    @property
    def rank(self) -> int:
        return list(Severity).index(self)

    @property
    def needs_somebody(self) -> bool:
        return self in (Severity.DANGER, Severity.WARNING)


class Kind(models.TextChoices):
    TOKEN_FAILING = "token_failing", "A token stopped working"
    TOKEN_EXPIRING = "token_expiring", "A token expires soon"
    TOKEN_SIGN_IN = "token_sign_in", "A token's account must sign in again"
    TOKEN_REPLACED = "token_replaced", "A token was replaced"
    TOKEN_RECOVERED = "token_recovered", "A token works again"
    TRIAL_ENDED = "trial_ended", "A trial was over at once"
    TRIAL_ENDING = "trial_ending", "A trial ends soon"
    PAYMENT_FAILED = "payment_failed", "A payment failed"
    PAYMENT_UNCONFIRMED = "payment_unconfirmed", "A payment must be confirmed"
    PAYMENT_RECOVERED = "payment_recovered", "A payment went through after all"
    ACCESS_ENDING = "access_ending", "Access ends because of a payment"
    CHANGE_LAPSED = "change_lapsed", "An upgrade was not paid in time"
    CHANGE_FAILED = "change_failed", "A change of a plan could not be made"
    SUBSCRIPTION_ENDED = "subscription_ended", "A subscription ended"
    IMPORT_STUCK = "import_stuck", "A paid import waits for a token"
    IMPORT_GIVEN_BACK = "import_given_back", "A paid import was given back"
    LIMIT_NEAR = "limit_near", "Lines of code come near the limit"
    LIMIT_REACHED = "limit_reached", "Lines of code reach the limit"
    BILLING_DETAILS = "billing_details", "Billing details need another look"
    INVITED = "invited", "Somebody invites you"
    JOIN_REQUESTED = "join_requested", "Somebody asks to join"
    OWNERS_CHANGED = "owners_changed", "Who owns an organization of yours changed"
    ROLE_CHANGED = "role_changed", "You became an owner, or are none any more, or were removed"
    ORGANIZATION_DELETION = "organization_deletion", "An organization is being deleted"
    JOIN_DECIDED = "join_decided", "Your request to join is answered"
    CLAIM_OPENED = "claim_opened", "Somebody claims an organization of yours"
    CLAIM_DECIDED = "claim_decided", "Somebody became an owner by a claim"

    @property
    def always_mailed(self) -> bool:
        """Whether its mails can't be switched off at all."""
        return self in ALWAYS_MAILED

    @property
    def is_mailed(self) -> bool:
        """Whether a mail tells it as well. An invitation is a mail by itself."""
        return self is not Kind.INVITED

    @property
    def lock(self) -> str:
        """Why its mails, or its urgent ones, can't be switched off; empty where they can."""
        return LOCKS.get(self, "")

    def must_be_mailed(self, *, urgent: bool) -> bool:
        """Urgency opens no door that the page about mails does not show."""
        return self.always_mailed or (urgent and bool(self.lock))


ALWAYS_MAILED = {
    Kind.TOKEN_FAILING,
    Kind.OWNERS_CHANGED,
    Kind.ROLE_CHANGED,
    Kind.ORGANIZATION_DELETION,
    Kind.CLAIM_OPENED,
    Kind.CLAIM_DECIDED,
}

LOCKS = {
    Kind.TOKEN_FAILING: "This kind can't be switched off: nothing is analysed until the token "
    "is replaced.",
    Kind.TOKEN_EXPIRING: "In a token's last 7 days this kind can't be switched off: after them "
    "nothing is analysed.",
    Kind.PAYMENT_FAILED: "This kind can't be switched off: nothing is analysed soon, unless "
    "somebody pays.",
    Kind.IMPORT_STUCK: "This kind can't be switched off: what is paid opens only once you act.",
    Kind.OWNERS_CHANGED: "This kind can't be switched off: it tells who owns the organization.",
    Kind.ROLE_CHANGED: "This kind can't be switched off: it tells what you may still do.",
    Kind.ORGANIZATION_DELETION: "This kind can't be switched off: after seven days nothing brings "
    "an organization back.",
    Kind.ACCESS_ENDING: "This kind can't be switched off: after it nothing is analysed.",
    Kind.CLAIM_OPENED: "This kind can't be switched off: whoever claims becomes an owner, unless "
    "somebody objects.",
    Kind.CLAIM_DECIDED: "This kind can't be switched off: it tells who owns the organization.",
}


def kind_choices() -> list[tuple[str, str]]:
    """Called by the model's field, so that a new kind needs no migration."""
    return Kind.choices
