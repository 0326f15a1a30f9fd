"""Whether there is anything to see about billing at all."""

from django.conf import settings
from django.http import Http404

from organizations.models import Organization


def selling_to(organization: Organization) -> Organization:
    """404 where nothing is sold."""
    if not settings.BILLING:
        raise Http404
    return organization
