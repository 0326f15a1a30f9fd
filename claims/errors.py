"""Everything claims can refuse."""

from core.errors import Conflict, DomainError, Forbidden, TooOften


class NotHere(DomainError):
    code = "not-here"
    message = (
        "We looked for it, and no organization here is bound to that one. Check the name, or "
        "import it: then there is nothing to claim. If it was renamed there, start an import of "
        "it: that finds it under any name."
    )
    field = "organization"


class StatementMissing(DomainError):
    code = "statement-missing"
    message = "Say what happened: how access was lost, and why no owner can be reached."
    field = "statement"


class AlreadyOwner(Conflict):
    code = "already-owner"
    message = "Whoever claims this organization is an owner of it already."


class ClaimOpenAlready(Conflict):
    code = "claim-open-already"
    message = "You claim this organization already. Go on with that claim: it is in your list."


class TooManyOpen(Conflict):
    code = "too-many-open-claims"
    message = "You have three open claims, and nobody may have more. Withdraw one first."


class ClaimsTooOften(TooOften):
    code = "too-many-claims"
    message = "You asked five times within a day. Wait until tomorrow, then try again."


class RejectedLately(Conflict):
    code = "rejected-lately"
    message = "Your last claim on this organization was rejected less than 30 days ago."


class LooksTooOften(TooOften):
    code = "too-many-looks"
    message = "We looked very often in the last hour. Wait a while, then try again."


class LookRunning(Conflict):
    code = "look-running"
    message = "We are looking already. Wait a moment; what we find appears here."


class ClaimOver(Conflict):
    code = "claim-over"
    message = "This claim was decided, withdrawn or ran out meanwhile, so nothing was done."


class ClaimGone(Conflict):
    code = "claim-gone"
    message = "The organization was deleted in the meantime, and its claims with it."


class TextMissing(DomainError):
    code = "text-missing"
    message = "Write something first."
    field = "text"


class NothingAsked(Conflict):
    code = "nothing-asked"
    message = "Support has asked nothing that is not answered yet."


# What the desk may be refused


class SupportOnly(Forbidden):
    code = "support-only"
    message = "Only support may do that."


class OwnClaim(Forbidden):
    code = "own-claim"
    message = "This is your own claim: two others of support decide it."


class OwnOrganization(Forbidden):
    code = "own-organization"
    message = "You belong to this organization: others of support handle claims on it."


class ReasonMissing(DomainError):
    code = "reason-missing"
    message = "Give the reason: it stays on record."
    field = "reason"


class TakenAlready(Conflict):
    code = "taken-already"
    message = "has taken this claim meanwhile. Agree on it, then give it to somebody."


class NotInReview(Conflict):
    code = "not-in-review"
    message = "This claim is not in review, so it can't be approved."


class StillWaiting(Conflict):
    code = "still-waiting"
    message = "Owners may still object: the waiting period of this claim is not over."


class EvidenceMissing(Conflict):
    code = "evidence-missing"
    message = "No strong evidence was found by machine. Without it nobody becomes an owner."


class EvidenceOld(Conflict):
    code = "evidence-old"
    message = "The strong evidence is more than 14 days old. The claimant has to bring it again."


class EvidenceContrary(Conflict):
    code = "evidence-contrary"
    message = (
        "A later look showed the contrary of the strong evidence. The claimant has to bring it "
        "again."
    )


class ObjectionsOpen(Conflict):
    code = "objections-open"
    message = "An objection is not answered. Answer each with a reason first."


class AnsweredAlready(Conflict):
    code = "objection-answered"
    message = "This objection has its answer."


class DecidedAlready(Conflict):
    code = "decided-already"
    message = "You approved this claim. Somebody else of support has to approve it, too."


class ClaimantGone(Conflict):
    code = "claimant-gone"
    message = "The account that claims is not in use any more."


class NotApproved(Conflict):
    code = "not-approved"
    message = "This claim was not approved, so there is nothing to reverse."


class ReversalTooLate(Conflict):
    code = "reversal-too-late"
    message = "An approval can be reversed for 14 days. They are over."


class NoOtherOwner(Conflict):
    code = "no-other-owner"
    message = (
        "Nobody who owned it before has an account any more, and there is no other owner: "
        "reversing would leave the organization without one."
    )


class DeletionTooEarly(Conflict):
    code = "deletion-too-early"
    message = (
        "Somebody became an owner of this organization by a claim, and support can reverse that "
        "until {until}. It can be deleted after that; an owner from before the claim may delete it "
        "earlier."
    )
