"""Who may see and change a project: whoever may its organization."""

from django.shortcuts import get_object_or_404

from accounts.models import User
from organizations.access import Permission, organization_for, organization_for_member
from organizations.models import Organization
from projects.models import Project


def project_for_member(user: User, key: str, project_key: str) -> Project:
    """The project, its organization with what the user may do there; 404 for who is no member.
    Two queries.
    """
    return _in(organization_for_member(user, key), project_key)


def project_for(user: User, key: str, project_key: str, permission: Permission) -> Project:
    """The same for who has a permission; a member who has not is told so, a stranger gets 404."""
    return _in(organization_for(user, key, permission), project_key)


def project_for_owner(user: User, key: str, project_key: str) -> Project:
    return project_for(user, key, project_key, Permission.ADMINISTER)


def _in(organization: Organization, project_key: str) -> Project:
    project = get_object_or_404(organization.projects.shown(), key=project_key)
    project.organization = organization
    return project
