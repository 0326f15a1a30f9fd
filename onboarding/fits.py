"""Which tier the lines that were counted need, in words and as a bar, with the arithmetic."""

from dataclasses import dataclass
from enum import Enum

from billing.catalogue import catalogue, tier_title
from billing.models import Plan
from billing.prices import TierFit, tier_that_fits
from projects.progress import Progress


class Claim(Enum):
    """How sure it is that something fits, in words: `fits` in a sentence, `badge` alone, and how
    many the next smaller one has too few.
    """

    WHOLE = "fits", "Fits your code", "would be"
    LIKELY = "is likely to fit", "Likely to fit", "may be"
    SO_FAR = "fits what is counted so far", "Fits what is counted so far", "would be"

    def __init__(self, fits: str, badge: str, smaller: str) -> None:
        self.fits, self.badge, self.smaller = fits, badge, smaller


@dataclass(frozen=True)
class Fit:
    """`sum` says what was counted, `verdict` what fits, and `smaller` why nothing smaller does.
    `share` is how far the bar reaches between its `stops`, in percent of the whole.
    """

    tier: TierFit
    claim: Claim
    sum: str
    verdict: str
    smaller: str
    share: float
    stops: tuple[tuple[float, str], ...]


def fit_of(progress: Progress, *, is_counting: bool) -> Fit | None:
    """None where nothing was counted yet."""
    if not progress.counted and progress.total:
        return None
    claim = _claim(progress, is_counting=is_counting)
    loc = progress.high if claim is Claim.LIKELY and progress.high else progress.loc
    tier = tier_that_fits(loc)
    return Fit(
        tier=tier,
        claim=claim,
        sum=_SUMS[claim].format(loc=loc),
        verdict=_verdict(tier, claim),
        smaller=_smaller(tier, claim),
        share=_share(loc),
        stops=tuple((_share(stop), tier_title(stop) if stop else "0") for stop in [0, *_stops()]),
    )


def _claim(progress: Progress, *, is_counting: bool) -> Claim:
    """Only what is counted whole fits without a word besides."""
    if is_counting and progress.waiting and progress.high:
        return Claim.LIKELY
    return Claim.SO_FAR if is_counting or progress.waiting or progress.failed else Claim.WHOLE


_SUMS = {
    Claim.WHOLE: "Your private code is {loc:,} lines",
    Claim.LIKELY: "Your private code is likely to come to at most {loc:,} lines",
    Claim.SO_FAR: "At least {loc:,} lines of your private code are counted",
}


def _verdict(tier: TierFit, claim: Claim) -> str:
    if tier.loc_limit is None:
        return f"more than the largest tier: Enterprise {claim.fits}, which is agreed on with us."
    return f"{_name(tier.loc_limit)} {claim.fits}, with {tier.spare_percent} % to spare."


def _smaller(tier: TierFit, claim: Claim) -> str:
    if tier.smaller is None:
        return ""
    return f"{_name(tier.smaller)} {claim.smaller} {tier.too_few:,} too few."


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
