"""Everything billing can refuse."""

from core.errors import Conflict, DomainError, NeedsPlan, Unavailable


class StripeSilent(Unavailable):
    """No answer, 5xx or too many requests: nothing was said, and asking again may work.

    `is_kept` is said of a 5xx: Stripe gives the same answer to the same idempotency key from then
    on, whether or not it did what was asked for.
    """

    code = "payment-service-unavailable"
    message = "Our payment service is not answering. Nothing was charged; try again soon."

    def __init__(self, *, is_kept: bool = False) -> None:
        super().__init__()
        self.is_kept = is_kept


class OutcomeUnclear(Unavailable):
    """Silence in place of an answer to something that is charged."""

    code = "payment-outcome-unclear"
    message = (
        "Our payment service did not answer, so we don't know yet whether it was done and charged. "
        "Look here again in an hour, before you try once more."
    )


class StripeRefused(DomainError):
    """A definite no. `reason` is Stripe's own code, `decline_code` the bank's where it said so."""

    code = "payment-refused"
    message = "The payment service refused this."

    def __init__(self, message: str = "", *, reason: str = "", decline_code: str = "") -> None:
        super().__init__(message)
        self.reason, self.decline_code = reason, decline_code


class CardDeclined(StripeRefused):
    code = "card-declined"
    message = "The card was declined. Nothing was charged. Try another card."


class StripeGone(StripeRefused):
    """What was asked for is not there, or not there any more."""

    code = "payment-object-gone"


class StripeKeyRefused(StripeRefused):
    """Ours is wrong, revoked, or may not do this: an operator's matter, and no use repeating."""

    code = "payment-service-misconfigured"
    message = "Payments are not set up rightly here. The operator has been told."


class KeyReusedWithOtherValues(StripeRefused):
    """A bug of ours: the same idempotency key with other parameters."""

    code = "payment-service-misused"


class AccountBusy(Conflict):
    """Another worker has this account."""

    code = "billing-busy"
    message = "Another change of this subscription is under way. Look again in a moment."


class PriceNotSold(DomainError):
    code = "price-not-sold"
    message = "This price is not sold, or not any more. Choose from the plans as they are now."
    field = "plan"


class CatalogueRefused(DomainError):
    """Making Stripe equal to the catalogue would change what somebody pays, or mix two accounts.
    The message says what to do.
    """

    code = "catalogue-refused"


class WebhookRefused(DomainError):
    """Not from Stripe, or not lately. `reason` is for the one who counts them."""

    code = "webhook-refused"
    message = "This is no webhook that we take."

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


class SubscribedAlready(Conflict):
    code = "subscribed-already"
    message = "This is paid for already. Look at the subscription before you buy another one."


class CurrencyFixed(DomainError):
    code = "currency-fixed"
    message = "Your earlier purchase was in another currency, and it can't be changed. Choose that."
    field = "currency"


class CheckoutRefused(DomainError):
    code = "checkout-refused"
    message = "The checkout could not be opened. Nothing was charged; it has been reported."


class CheckoutLate(DomainError):
    code = "checkout-late"
    message = "Our payment service did not answer in time. Nothing was charged; try again."


class CheckoutWithdrawn(DomainError):
    code = "checkout-withdrawn"
    message = "You went back before the checkout was open."


class CheckoutUnknown(DomainError):
    """No checkout of ours, or one of somebody else."""

    code = "checkout-unknown"
    message = "There is no such checkout."


class OrganizationDeleted(DomainError):
    code = "organization-deleted"
    message = "This organization was deleted. Nothing is bought or changed for it any more."


class NotSubscribed(Conflict):
    code = "not-subscribed"
    message = "There is no subscription here. Choose a plan first."


class ChangedByAgreement(DomainError):
    code = "changed-by-agreement"
    message = "This plan was agreed on with us, and is changed the same way. Write to us."


class CreditOfUnpaid(DomainError):
    code = "credit-of-unpaid"
    message = (
        "An invoice is open: what was never paid can't be given back. End it without credit, or "
        "have the invoice paid first."
    )
    field = "credit_unused"


class PaymentOwed(DomainError):
    code = "payment-owed"
    message = "A payment is open. Pay it first, and then change the plan."


class ChangeUnpaid(DomainError):
    code = "change-unpaid"
    message = (
        "An earlier change waits for its payment. Pay the open invoice or call that change off, on "
        "the billing page; then ask for a price again."
    )


class SubscriptionPaused(DomainError):
    code = "subscription-paused"
    message = "This subscription is paused. Resume it first, and then change it."


class SubscriptionEnding(DomainError):
    code = "subscription-ending"
    message = "This subscription was cancelled and ends with its period. Resume it, then change it."


class NothingToChange(Conflict):
    code = "nothing-to-change"
    message = "This is what you have already."


class TakesEffectNow(DomainError):
    code = "takes-effect-now"
    message = "This change takes effect now. Ask for a quote first, and accept that."


class TakesEffectLater(DomainError):
    code = "takes-effect-later"
    message = "This change takes effect with the next period and costs nothing now. Plan it."


class QuoteVoid(Conflict):
    code = "quote-void"
    message = "This quote no longer holds. Nothing was charged. Look at what it costs now."


class QuoteNeeded(DomainError):
    code = "quote-needed"
    message = "Resuming begins a new period, which is paid. Ask for a quote first, and accept that."


class QuoteExpired(QuoteVoid):
    code = "quote-expired"
    message = "This quote was older than 15 minutes. Nothing was charged; see what it costs now."


class BelowUse(DomainError):
    """The consequence was not confirmed."""

    code = "below-use"
    message = (
        "More lines are in use than that tier has. From the change on no new analysis would run "
        "until they fit; nothing is deleted. Confirm that you want this."
    )
    field = "confirmed"


class TaxIdInvalid(DomainError):
    code = "tax_id_invalid"
    message = "This is no valid tax id of that kind. Check the country's letters and each digit."
    field = "tax_id"


class LocLimitReached(NeedsPlan):
    """`used`, `limit` and `needed` are in lines; `plan` and `tier` are what would do."""

    code = "loc-limit-reached"
    message = (
        "This analysis needs more private lines of code than the plan has. Nothing was analysed "
        "and nothing is deleted. An owner can choose a larger tier on the billing page."
    )


class OnlyToLookAt(NeedsPlan):
    code = "payment-overdue"
    message = (
        "A payment is overdue, so nothing new is analysed. What is there stays to be seen. An "
        "owner can pay the open invoice on the billing page."
    )


class OfOtherMode(DomainError):
    code = "other-mode"
    message = "This is of the other mode, test or live, than our key: nothing of it would be found."


class GraceWithoutEffect(DomainError):
    """Where nothing was ever bought, there is nothing to keep."""

    code = "grace-without-effect"
    message = "Nothing was ever bought here, so there is nothing to keep."

    def __init__(self, message: str = "", *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class OrganizationUnknown(DomainError):
    code = "organization-unknown"
    message = "There is no organization with this key."
    field = "key"


class NotToAttach(DomainError):
    code = "not-to-attach"
    message = "This subscription can't be attached."


class CustomerOfAnother(DomainError):
    code = "customer-of-another"
    message = "This subscription or its customer is another organization's."


class EndedAlready(Conflict):
    code = "ended-already"
    message = "This has ended meanwhile."


class NotAskedAgain(DomainError):
    code = "not-asked-again"
    message = "This is over. Whoever wanted it asks for it again, on the billing page."
