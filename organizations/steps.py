"""What rooms above this one do about an organization, in the transaction of what happens to it."""

from django.conf import settings
from django.utils.module_loading import import_string

from accounts.models import User
from organizations.models import Organization


def take_steps(what: str, organization: Organization, *, by: User) -> None:
    """Call what `ORGANIZATION_STEPS` names for it, in that order: `deletion_asked`, once
    `deletion_due_at` is set, or `deletion_undone`, once it is not any more.

    Each takes the organization and `by`, writes rows and queues work, and asks nobody outside. It
    may raise a DomainError: then nothing happens at all.
    """
    for path in settings.ORGANIZATION_STEPS[what]:
        import_string(path)(organization, by=by)
