"""Who may see an import: the person who started it, and nobody else."""

import uuid

from django.shortcuts import get_object_or_404

from accounts.models import User
from onboarding.models import Import


def import_of(user: User, import_id: uuid.UUID) -> Import:
    """The person's own import; 404 for everyone else. One query."""
    own = Import.objects.select_related("organization").defer("secret", "repositories")
    return get_object_or_404(own, pk=import_id, user=user)
