"""Who may see and change an organization. What one may not see does not exist."""

from django.shortcuts import get_object_or_404

from accounts.models import User
from organizations.errors import OwnersOnly
from organizations.models import Organization


def organization_for_member(user: User, key: str) -> Organization:
    """The organization, with `is_owner`; 404 for everyone who is not a member. One query."""
    visible = Organization.objects.visible_to(user).with_ownership(user)
    return get_object_or_404(visible, key=key)


def organization_for_owner(user: User, key: str) -> Organization:
    """The same for owners; a member who is none is told so, a stranger gets 404."""
    organization = organization_for_member(user, key)
    if not organization.is_owner:  # type: ignore[attr-defined]
        raise OwnersOnly
    return organization
