"""How many of an organization are counted at once, and when a chain of counts may be taken for
dead: not while the queue may just be long.
"""

from datetime import datetime, timedelta

from django.utils import timezone

from projects.models import EstimatedRepository, ProjectSize

# Of one organization: as many transfers as the platform is asked for, and no more, so that one with
# thousands of repositories leaves room for the others.
AT_ONCE = 2
# Whoever comes while so many are counted comes back after so many seconds.
A_WHILE = 15.0

QUIET, LONG_QUIET = timedelta(seconds=20), timedelta(minutes=10)


def quiet_since() -> datetime:
    """What was due before and is in nobody's hands has been forgotten. While anything at all is
    counted, others may only wait for their turn; but not for ever.
    """
    is_busy = (
        EstimatedRepository.objects.in_hand().exists() or ProjectSize.objects.in_hand().exists()
    )
    return timezone.now() - (LONG_QUIET if is_busy else QUIET)
