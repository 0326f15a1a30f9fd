"""What is on the record, in the reader's words: titles of actions, labels of facts.

An action is `<what it is about>.<what happened>`. Whoever records a new one adds its title here.
"""

import re
from typing import Any

from django.db.models import TextChoices


class Family(TextChoices):
    """What people narrow the audit log by."""

    ORGANIZATION = "organization", "Organization"
    PEOPLE = "people", "People"
    CLAIM = "claim", "Lost access"
    TOKEN = "token", "Token"
    PROJECT = "project", "Projects"
    LINES = "lines", "Lines of code"
    BILLING = "billing", "Billing"
    IMPORT = "import", "Import"
    SUPPORT = "support", "Support"

    @property
    def actions(self) -> list[str]:
        return list(TITLES[self])


TITLES: dict[Family, dict[str, str]] = {
    Family.ORGANIZATION: {
        "organization.created": "Organization created",
        "organization.bound": "Bound to its organization in Azure DevOps",
        "organization.changed": "Organization changed",
        "organization.key_changed": "Key changed",
        "organization.recovery_changed": "Recovery contact changed",
        "organization.deletion_asked": "Deletion asked for",
        "organization.deletion_undone": "Deletion undone",
        "organization.deleted": "Organization deleted",
    },
    Family.PEOPLE: {
        "member.added": "Member added",
        "member.removed": "Member removed",
        "member.left": "Member left",
        "member.account_deleted": "Member left by deleting their account",
        "member.permissions_changed": "What a member may do changed",
        "owner.added": "Made an owner",
        "owner.removed": "No owner any more",
        "invitation.sent": "Invitation sent",
        "invitation.sent_again": "Invitation sent again",
        "invitation.revoked": "Invitation taken back",
        "invitation.accepted": "Invitation accepted",
        "join_request.made": "Asked to join",
        "join_request.withdrawn": "Request to join withdrawn",
        "join_request.approved": "Request to join approved",
        "join_request.declined": "Request to join declined",
    },
    Family.CLAIM: {
        "claim.opened": "Claimed by somebody who lost access",
        "claim.look_wanted": "Evidence for a claim to be looked for",
        "claim.evidence_added": "Evidence for a claim looked at",
        "claim.evidence_lapsed": "Evidence for a claim counts no more",
        "claim.waiting": "Claim waits for owners to object",
        "claim.in_review": "Claim with support",
        "claim.wait_shortened": "Wait of a claim shortened, as no owner signed in for long",
        "claim.wait_lengthened": "Wait of a claim as long again as at first",
        "claim.objected": "Claim objected to",
        "claim.objection_answered": "Objection to a claim answered by support",
        "claim.assigned": "Claim assigned",
        "claim.noted": "Note on a claim, for support alone",
        "claim.asked": "Claimant asked by support",
        "claim.answered": "Support answered by the claimant",
        "claim.approval_proposed": "Claim approved by the first of two",
        "claim.approval_lapsed": "First approval of a claim counts no more",
        "claim.approved": "Claim approved: the claimant is an owner",
        "claim.rejected": "Claim rejected",
        "claim.reversed": "Approved claim reversed",
        "claim.withdrawn": "Claim withdrawn",
        "claim.ended": "Claim ended, as the organization is deleted",
        "claim.expired": "Claim run out without evidence",
    },
    Family.TOKEN: {
        "token.submitted": "Token pasted, to take the place of the one in use",
        "token.replaced": "Token put into use",
        "token.restored": "Token before it put back into use",
        "token.wiped": "Token wiped",
        "token.failed": "Token refused",
        "token.recovered": "Token works again",
        "token.unreadable": "Our copy of the token can't be read",
        "token.check_requested": "Check asked for",
        "token.differences_accepted": "Token accepted though it differs",
        "token.expiry_declared": "Expiry date given",
    },
    Family.PROJECT: {
        "projects.added": "Projects added",
        "repositories.visibility_changed": "Repositories became public or private",
        "project.changed": "Project changed",
        "project.deleted": "Project deleted",
        "project.token_set": "Project given a token of its own",
        "project.token_removed": "Project's own token removed",
    },
    Family.LINES: {
        "lines.count_requested": "Count asked for",
        "estimate.started": "Estimate begun",
        "estimate.stopped": "Estimate stopped",
    },
    Family.BILLING: {
        "billing.checkout_asked": "Plan chosen, to be paid at Stripe",
        "billing.upgrade_asked": "Larger plan asked for",
        "billing.downgrade_asked": "Other plan asked for, from the next period on",
        "billing.undo_asked": "Planned change taken back",
        "billing.cancel_asked": "Subscription cancelled, to the end of its period",
        "billing.resume_asked": "Cancellation taken back",
        "billing.details_asked": "New billing details given",
        "billing.details_changed": "Billing details changed at Stripe",
        "billing.attach_asked": "Enterprise subscription to be attached",
        "billing.attached": "Enterprise subscription attached",
        "billing.refund_asked": "Second purchase to be given back",
        "billing.end_trial_asked": "Second trial to be ended",
        "billing.end_asked": "Subscription to be ended at once",
        "billing.trial_ended": "Trial over, because the card has had one",
        "billing.subscription_changed": "Subscription changed at Stripe",
        "billing.bought_twice": "Bought twice: the later purchase is given back",
        "billing.agreed_beside_another": "A subscription runs beside another one",
        "billing.customer_of_two": "One customer at Stripe for two organizations",
        "billing.charge_differs": "Charged something else than was quoted",
        "billing.limit_notices_chosen": "Chosen when owners hear of the limit",
        "billing.event_replayed": "Event of Stripe's handled once more",
        "billing.resync_asked": "Compared with Stripe once more",
        "billing.grace_extended": "Grace extended",
        "billing.operation_retried": "Change tried once more",
        "billing.operation_failed": "Change given up",
    },
    Family.IMPORT: {
        "import.started": "Import started",
        "import.checked_again": "Import checked again",
        "import.verified": "Import's token checked",
        "import.refused": "Import refused",
        "import.payment_begun": "Import held while it is paid for",
        "import.paid": "Import paid for",
        "import.payment_ended": "Import held no more, since nobody paid",
        "import.stuck": "Paid import waits for another token",
        "import.given_back": "Paid import given back",
        "import.expired": "Import stopped and wiped",
    },
    Family.SUPPORT: {
        "support.viewed": "Looked at by Mooring support",
    },
}
_TITLES = {action: title for titles in TITLES.values() for action, title in titles.items()}
_FAMILIES = {action: family for family, titles in TITLES.items() for action in titles}
# Asked for at the desk, and done by a worker in the name of who asked.
DONE_FOR_SUPPORT = frozenset({"billing.attached"})

LABELS = {
    "by_forecast": "Also 30 days ahead",
    "due_at": "To be deleted at",
    "expires_on": "Expires on",
    "external_id": "Id there",
    "external_name": "Name there",
    "fields": "What was changed",
    "formerly": "The claimant was here before",
    "key": "Project",
    "keys": "Projects",
    "loc_limit": "Lines in the plan",
    "lookup_key": "Price",
    "may_create_projects": "May create projects",
    "may_run_analyses": "May run analyses",
    "private": "Private now",
    "public": "Public now",
    "old_token_fingerprint": "Fingerprint of the old token",
    "standby": "Waits until it is needed",
    "thresholds": "At (% of the limit)",
    "token_fingerprint": "Fingerprint of the token",
    "what": "What was looked at",
}
# A word of our vocabulary, such as `token_expired`: nobody else's has such a form.
OURS = re.compile(r"[a-z]+(_[a-z]+)+")
NAMES = {"azure_devops": "Azure DevOps"}
# Names of rows of ours, which say nothing to a reader. Programs get them.
UNSAID = frozenset(
    {"account", "claim_id", "claimant", "import_id", "objection_id", "operation", "subject"}
)


def title_of(action: str) -> str:
    """In the reader's words. What an older version recorded may have none: then its own name."""
    return _TITLES.get(action, action)


def family_of(action: str) -> str:
    return _FAMILIES.get(action) or action.partition(".")[0]


def facts_of(data: dict[str, Any]) -> list[tuple[str, str]]:
    """Label and value of everything that an event has to say to a person."""
    return [
        (LABELS.get(name, name.replace("_", " ").capitalize()), in_words(value))
        for name, value in data.items()
        if name not in UNSAID and value not in ("", None, [], {})
    ]


def in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(map(in_words, value))
    if isinstance(value, dict):
        return ", ".join(
            f"{name} {in_words(each)}".replace("_", " ") for name, each in value.items()
        )
    if name := NAMES.get(str(value)):
        return name
    return str(value).replace("_", " ") if OURS.fullmatch(str(value)) else str(value)
