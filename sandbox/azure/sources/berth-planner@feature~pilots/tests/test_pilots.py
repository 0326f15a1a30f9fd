from datetime import UTC, datetime

from berths.model import Ship
from berths.pilots import Pilot

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_large_ship_needs_a_first_class_pilot():
    giant = Ship("9000002", "Giant", length=366, draught=14)

    assert not Pilot("Junior").may_take(giant, NOON)
    assert Pilot("Senior", first_class=True).may_take(giant, NOON)
