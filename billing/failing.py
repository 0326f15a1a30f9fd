"""Telling who asked for a change that it could not be made, though we had said that we would."""

from django.urls import reverse

from accounts.kinds import Kind, Severity
from accounts.notifications import Notice, notify
from billing.errors import OutcomeUnclear
from billing.models import Operation
from billing.words import without_links
from organizations.owners import active_owners_of

# What did not work, and what that means.
_WORDS = {
    Operation.Kind.CANCEL: (
        "the subscription could not be cancelled",
        "It goes on, and its next period is charged.",
    ),
    Operation.Kind.DOWNGRADE: (
        "the change of plan could not be planned",
        "The plan stays as it is, and its next period is charged.",
    ),
    Operation.Kind.UNDO: (
        "a change of plan could not be called off",
        "It still takes effect when that was said.",
    ),
    Operation.Kind.RESUME: (
        "the subscription could not be resumed",
        "It still ends when that was said, or stays paused.",
    ),
}


def tell_of_failure(operation: Operation) -> None:
    """In the transaction that gives it up. Who asked hears of it, or the owners where that is none
    of them any more.
    """
    organization = operation.account.organization
    words = _WORDS.get(Operation.Kind(operation.kind))
    if organization is None or words is None:
        return
    fact, meaning = words
    urge = "Who still wants it has to ask again, on the billing page."
    if operation.error_code == OutcomeUnclear.code:
        fact, meaning, urge = f"perhaps {fact}", "", "Somebody should look, on the billing page."
    owners = list(active_owners_of(organization.pk))
    asker = [each for each in owners if each.pk == operation.by_id]
    why = without_links(operation.error)
    notify(
        asker or owners,
        Notice(
            kind=Kind.CHANGE_FAILED,
            subject=str(operation.pk),
            severity=Severity.WARNING,
            title=f"{organization.name}: {fact}",
            text=f"{urge} {meaning}".strip() + f"\n\n{why}",
            action_label="See the billing page",
            action_path=reverse("billing:detail", args=[organization.key]),
        ),
    )
