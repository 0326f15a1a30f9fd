"""When a chain of counts may be taken for dead: not while the queue may just be long."""

from datetime import datetime, timedelta

from django.utils import timezone

from projects.models import EstimatedRepository, ProjectSize

QUIET, LONG_QUIET = timedelta(seconds=20), timedelta(minutes=10)


def quiet_since() -> datetime:
    """What was due before and is in nobody's hands has been forgotten. While anything at all is
    counted, others may only wait for their turn; but not for ever.
    """
    is_busy = (
        EstimatedRepository.objects.in_hand().exists() or ProjectSize.objects.in_hand().exists()
    )
    return timezone.now() - (LONG_QUIET if is_busy else QUIET)
