"""Which tier the lines that were counted need, in words and as a bar, with the arithmetic."""

from dataclasses import dataclass

from billing.catalogue import catalogue, tier_title
from billing.models import Plan
from billing.prices import TierFit, tier_that_fits
from projects.progress import Progress


@dataclass(frozen=True)
class Fit:
    """`sum` says what was counted, `verdict` what fits, and `smaller` why nothing smaller does.
    `share` is how far the bar reaches between its `stops`, in percent of the whole.
    """

    tier: TierFit
    sum: str
    verdict: str
    smaller: str
    share: float
    stops: tuple[tuple[float, str], ...]


def fit_of(progress: Progress, *, is_counting: bool) -> Fit | None:
    """None where nothing was counted yet."""
    loc = progress.high if is_counting and progress.high else progress.loc
    if not progress.counted and progress.total:
        return None
    tier = tier_that_fits(loc)
    return Fit(
        tier=tier,
        sum=_sum(progress, loc, is_counting=is_counting),
        verdict=_verdict(tier),
        smaller=_smaller(tier),
        share=_share(loc),
        stops=tuple((_share(stop), tier_title(stop) if stop else "0") for stop in [0, *_stops()]),
    )


def _sum(progress: Progress, loc: int, *, is_counting: bool) -> str:
    if is_counting and progress.high:
        return f"As far as counted, your private code comes to at most {loc:,} lines"
    if is_counting or progress.failed or progress.waiting:
        return f"What is counted of your private code is {loc:,} lines"
    return f"Your private code is {loc:,} lines"


def _verdict(tier: TierFit) -> str:
    if tier.loc_limit is None:
        return "more than the largest tier: Enterprise fits, which is agreed on with us."
    return f"{_name(tier.loc_limit)} fits, with {tier.spare_percent} % to spare."


def _smaller(tier: TierFit) -> str:
    if tier.smaller is None:
        return ""
    return f"{_name(tier.smaller)} would be {tier.too_few:,} too few."


def _name(limit: int) -> str:
    return Plan.FREE.label if limit == catalogue().free.loc_limit else tier_title(limit)


def _stops() -> list[int]:
    return [catalogue().free.loc_limit or 0, *catalogue().tiers]


def _share(loc: int) -> float:
    """All stops are equally far apart, and between two of them it goes evenly."""
    stops = [0, *_stops()]
    for number, (low, high) in enumerate(zip(stops, stops[1:], strict=False)):
        if loc <= high:
            return round(100 * (number + (loc - low) / (high - low)) / (len(stops) - 1), 1)
    return 100.0
