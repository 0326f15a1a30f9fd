from datetime import UTC, datetime

from berths.model import Berth, Request, Ship
from berths.schedule import plan
from berths.tides import NORTH

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHORT = Berth("A1", length=140, depth=9)
LONG = Berth("A2", length=400, depth=16)
COASTER = Ship("9000001", "Coaster", length=90, draught=5)
GIANT = Ship("9000002", "Giant", length=366, draught=14)


def test_a_small_ship_leaves_the_long_berth_free():
    result = plan([LONG, SHORT], NORTH, [Request(COASTER, NOON, hours=6)])

    assert [stay.berth.code for stay in result.stays["A1"]] == ["A1"]
    assert not result.stays["A2"]


def test_the_second_ship_waits_for_the_first():
    requests = [Request(GIANT, NOON, hours=10), Request(GIANT, NOON, hours=4, priority=1)]

    first, second = sorted(plan([LONG], NORTH, requests).stays["A2"], key=lambda s: s.start)

    assert first.duration.total_seconds() == 4 * 3600
    assert second.start >= first.end


def test_dangerous_goods_need_a_berth_that_takes_them():
    tanker = Ship("9000003", "Tanker", length=80, draught=5, dangerous=True)

    result = plan([SHORT, LONG], NORTH, [Request(tanker, NOON, hours=2)])

    assert [request.ship for request in result.refused] == [tanker]
