"""Who may see and change an organization. What one may not see does not exist.

| Permission      | Owners | Members                        | Strangers |
|-----------------|--------|--------------------------------|-----------|
| to look         | yes    | yes                            | 404       |
| run analyses    | yes    | unless an owner took it away   | 404       |
| create projects | yes    | if an owner gave it            | 404       |
| administer      | yes    | no, and told so                | 404       |

Pages and API ask here and nowhere else.
"""

from enum import StrEnum

from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import User
from core.errors import Moved
from organizations.errors import MayNotCreateProjects, MayNotRunAnalyses, OwnersOnly
from organizations.models import Organization


class Permission(StrEnum):
    """What a member may be allowed. The value is the organization's annotation that says so."""

    ADMINISTER = "is_owner"
    CREATE_PROJECTS = "may_create_projects"
    RUN_ANALYSES = "may_run_analyses"


REFUSALS = {
    Permission.ADMINISTER: OwnersOnly,
    Permission.CREATE_PROJECTS: MayNotCreateProjects,
    Permission.RUN_ANALYSES: MayNotRunAnalyses,
}


def organization_for_member(user: User, key: str) -> Organization:
    """The organization, with what the user may do there; 404 for everyone who is not a member.
    One query where there is one. Raises Moved for members who know it by a key that it had.
    """
    visible = Organization.objects.visible_to(user)
    if found := visible.with_permissions(user).filter(key=key).first():
        return found
    formerly = visible.filter(former_keys__key=key, former_keys__until__gt=timezone.now())
    raise Moved(key=get_object_or_404(formerly).key)


def organization_for(user: User, key: str, permission: Permission) -> Organization:
    """The same for who has a permission; a member who has not is told so, a stranger gets 404."""
    organization = organization_for_member(user, key)
    if not getattr(organization, permission):
        raise REFUSALS[permission]
    return organization


def organization_waiting_to_go(user: User, key: str) -> Organization:
    """One that waits to be deleted, for its owners; 404 for everyone else. One query."""
    waiting = Organization.objects.waiting_to_go().owned_by(user).with_ownership(user)
    return get_object_or_404(waiting, key=key)


def organization_for_owner(user: User, key: str) -> Organization:
    return organization_for(user, key, Permission.ADMINISTER)
