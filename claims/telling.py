"""Who is told of a claim, in whole sentences: its owners, their contacts, and who claims."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.kinds import Kind, Severity
from accounts.models import User
from accounts.notifications import Notice, notify, withdraw
from claims import links
from claims.models import (
    AccessClaim,
    ClaimLetter,
    ClaimMessage,
    Decision,
    Objection,
    ObjectionAnswer,
)
from organizations.owners import owners_of


def day(moment: datetime) -> str:
    return f"{moment:%A} {moment.day} {moment:%B %Y, %H:%M} UTC"


def contacts_of(claim: AccessClaim) -> list[str]:
    """Addresses that belong to the organization and to none of its owners, nor to who claims."""
    known = {claim.organization.recovery_email}
    for path in settings.CLAIM_CONTACTS:
        known.update(import_string(path)(claim.organization_id))
    people = [*owners_of(claim.organization_id), claim.user]
    told = {user.email.casefold() for user in people}
    once = {address.casefold(): address for address in sorted(known) if address}
    return [address for folded, address in once.items() if folded not in told]


def of_opening(claim: AccessClaim) -> None:
    """Everybody who may object."""
    name, who = claim.organization.name, claim.user.email
    _warn(
        claim,
        "opened",
        title=f"{name}: somebody claims to have lost access",
        text=f"Object by {day(claim.waits_until)} if this is not right. {who} asks support to "
        f"become an owner of {name}, and says that none of its owners can be reached.\n\n"
        "An objection stops the claim until support has looked into it. If nobody objects, and "
        "Azure DevOps shows that whoever claims administers the organization there, two people of "
        "support may approve the claim after that day; it may be earlier where no owner has signed "
        "in for 90 days.",
    )


def of_new_date(claim: AccessClaim) -> None:
    """The waiting period became shorter. Its claimant is not told: when an owner was last there is
    not theirs to know.
    """
    name, until = claim.organization.name, day(claim.waits_until)
    _warn(
        claim,
        f"date-{claim.waits_until:%Y-%m-%dT%H:%M}",
        title=f"{name}: the claim on it may be decided earlier",
        text=f"Object by {until} if it is not right that {claim.user.email} becomes an owner "
        f"of {name}. {claim.shortened_because}\n\nIf an owner signs in, the waiting period is "
        "as long again as it was at first.",
    )


def of_lapse(claim: AccessClaim, why: str) -> None:
    now = timezone.now()
    _write_claimant(
        claim,
        f"lapsed-{now:%Y-%m-%dT%H:%M:%S}",
        title=f"{claim.external_name}: bring your evidence again",
        text=f"Bring your evidence again, on the page of your claim: until then it can't be "
        f"approved. What you brought for {claim.external_name} doesn't count any more. {why}",
    )


def of_question(claim: AccessClaim, message: ClaimMessage) -> None:
    _write_claimant(
        claim,
        f"question-{message.pk}",
        title=f"{claim.external_name}: support has a question about your claim",
        text="Answer the question on the page of your claim: until then it can't go on.",
    )


def of_answer(claim: AccessClaim, objection: Objection, answer: ObjectionAnswer) -> None:
    """To whoever objected, if they are an owner still or were written to."""
    name, about = claim.organization.name, f"answer-{answer.pk}"
    title = f"{name}: support has answered your objection"
    text = (
        f"Object again if this is not right: then the claim of {claim.user.email} on {name} is "
        f"looked into once more. Support has answered your objection.\n\nThe answer: "
        f"{answer.reason}"
    )
    if objection.who == Objection.Who.CONTACT:
        letter = ClaimLetter(claim=claim, about=about, title=title, text=text, may_object=True)
        letter.to = objection.by_email
        _write([letter])
    else:
        who = owners_of(claim.organization_id).filter(email=objection.by_email)
        _warn_owners(claim, who, about, title=title, text=text)


def of_approval(claim: AccessClaim) -> None:
    _forget(claim)
    name, who = claim.organization.name, claim.user.email
    until = day(claim.reversible_until) if claim.reversible_until else ""
    _announce(
        claim,
        "approved",
        title=f"{name}: {who} became an owner by a claim",
        text=f"Write to {settings.SUPPORT_CONTACT} by {until} if this is not right: until then the "
        f"approval can be reversed. Support has approved the claim of {who}, who owns {name} from "
        "now on.",
    )
    _write_claimant(
        claim,
        "approved",
        title=f"{name}: your claim is approved",
        text=f"You are an owner of {name} now. Look at its members and its token first.\n\n"
        f"Its other owners are told. Until {until} support can reverse this.",
    )


def of_rejection(claim: AccessClaim, decision: Decision) -> None:
    _tell_of_an_end(claim, "is rejected", f"Support has rejected the claim of {claim.user.email}.")
    _write_claimant(
        claim,
        "rejected",
        title=f"{claim.external_name}: your claim is rejected",
        text=f"Support has rejected your claim on {claim.external_name}. You may claim it again "
        f"in 30 days.\n\nThe reason: {decision.reason}",
    )


def of_withdrawal(claim: AccessClaim) -> None:
    """Without a name, since who deletes their account withdraws their claims."""
    _tell_of_an_end(claim, "is withdrawn", "Whoever claimed it has withdrawn the claim.")


def of_expiry(claim: AccessClaim) -> None:
    because = f"{claim.user.email} has brought no strong evidence in time."
    _tell_of_an_end(claim, "has run out", because)
    _write_claimant(
        claim,
        "expired",
        title=f"{claim.external_name}: your claim has run out",
        text=f"Your claim on {claim.external_name} ended, because no strong evidence came in "
        "within 14 days. You may claim it again, with a token of an administrator there at hand.",
    )


def of_the_end(claim: AccessClaim) -> None:
    """Its owners are told of the deletion itself. Who claims learns no more than a stranger."""
    _forget(claim)
    _write_claimant(
        claim,
        "ended",
        title=f"{claim.external_name}: your claim has ended",
        text=f"You need do nothing: {claim.external_name} is no longer here, so there is nothing "
        "to claim, and your claim on it has ended.",
    )


def of_reversal(claim: AccessClaim, decision: Decision) -> None:
    name, who = claim.organization.name, claim.user.email
    _announce(
        claim,
        "reversed",
        title=f"{name}: {who} is no owner any more",
        text=f"Nobody has to act. Support has reversed its approval of the claim of {who} on "
        f"{name}. Who owned it before owns it again, and whoever became an owner since is a member."
        "\n\nLook at what was changed meanwhile: owners, members, invitations, token and plan.",
    )
    _write_claimant(
        claim,
        "reversed",
        title=f"{claim.external_name}: the approval of your claim is reversed",
        text=f"You are no owner of {claim.external_name} here any more: support has reversed its "
        f"approval.\n\nThe reason: {decision.reason}",
    )


def _warn(claim: AccessClaim, about: str, *, title: str, text: str) -> None:
    """To whoever may object, with a way to do so that needs no signing in."""
    _warn_owners(claim, owners_of(claim.organization_id), about, title=title, text=text)
    _write_contacts(claim, about, title=title, text=text, may_object=True)


def _warn_owners(
    claim: AccessClaim, owners: QuerySet[User], about: str, *, title: str, text: str
) -> None:
    notify(
        owners,
        Notice(
            kind=Kind.CLAIM_OPENED,
            subject=str(claim.pk),
            threshold=about,
            severity=Severity.DANGER,
            title=title,
            text=text,
            action_label="See the claim",
            action_path=reverse("organization-claims:list", args=[claim.organization.key]),
        ),
        own_link=("Object without signing in", lambda pk: links.for_owner(claim, pk)),
    )


def _tell_of_an_end(claim: AccessClaim, how: str, because: str) -> None:
    """To everybody who was to object: there is nothing to object to any more."""
    _forget(claim)
    name = claim.organization.name
    _announce(
        claim,
        "over",
        kind=Kind.CLAIM_OPENED,
        severity=Severity.INFO,
        title=f"{name}: the claim on it {how}",
        text=f"You need do nothing any more. {because} Nothing has changed in {name}.",
    )


def _announce(
    claim: AccessClaim,
    about: str,
    *,
    title: str,
    text: str,
    kind: Kind = Kind.CLAIM_DECIDED,
    severity: Severity = Severity.WARNING,
) -> None:
    """To everybody who was told, and can't object any more."""
    others = owners_of(claim.organization_id).exclude(pk=claim.user_id)
    notice = Notice(
        kind=kind,
        subject=str(claim.pk),
        threshold=about,
        severity=severity,
        title=title,
        text=text,
        action_label="See the claim",
        action_path=reverse("organization-claims:list", args=[claim.organization.key]),
    )
    notify(others, notice)
    _write_contacts(claim, about, title=title, text=text, may_object=False)


def _forget(claim: AccessClaim) -> None:
    """Nobody has to object any more."""
    withdraw(Kind.CLAIM_OPENED, str(claim.pk))


def _write_contacts(
    claim: AccessClaim, about: str, *, title: str, text: str, may_object: bool
) -> None:
    _write(
        ClaimLetter(
            claim=claim, about=about, to=address, title=title, text=text, may_object=may_object
        )
        for address in contacts_of(claim)
    )


def _write_claimant(claim: AccessClaim, about: str, *, title: str, text: str) -> None:
    if not claim.user.is_active:  # the account is deleted, and so is the address
        return
    letter = ClaimLetter(claim=claim, about=f"claimant-{about}", title=title, text=text)
    letter.to, letter.to_claimant = claim.user.email, True
    _write([letter])


def _write(letters: Iterable[ClaimLetter]) -> None:
    """Who was written to about it before is not written to again."""
    ClaimLetter.objects.bulk_create(list(letters), ignore_conflicts=True)
