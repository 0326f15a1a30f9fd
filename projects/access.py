"""Who may see and change a project: whoever may its organization."""

from django.shortcuts import get_object_or_404

from accounts.models import User
from organizations.access import organization_for_member, organization_for_owner
from organizations.models import Organization
from projects.models import Project


def project_for_member(user: User, key: str, project_key: str) -> Project:
    """The project, its organization with `is_owner`; 404 for who is no member. Two queries."""
    return _in(organization_for_member(user, key), project_key)


def project_for_owner(user: User, key: str, project_key: str) -> Project:
    """The same for owners; a member who is none is told so, a stranger gets 404."""
    return _in(organization_for_owner(user, key), project_key)


def _in(organization: Organization, project_key: str) -> Project:
    project = get_object_or_404(organization.projects.shown(), key=project_key)
    project.organization = organization
    return project
