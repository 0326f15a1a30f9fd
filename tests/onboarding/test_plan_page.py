"""The plan's page: what is shown, what is picked, and what is kept of it."""

import re

import pytest
from django.urls import reverse

from billing.catalogue import catalogue
from onboarding.fits import fit_of
from projects.progress import progress_of
from tests.factories import (
    EstimatedRepositoryFactory,
    EstimateFactory,
    ImportFactory,
    PriceFactory,
)


@pytest.fixture
def sold(db):
    """All prices of the catalogue."""
    names = ["plan", "loc_limit", "interval", "currency", "amount"]
    for price in catalogue().prices:
        PriceFactory(**{name: getattr(price, name) for name in names})


@pytest.fixture
def import_(alice):
    return ImportFactory(ready=True, has_plan=False, user=alice)


@pytest.fixture
def page(browser_of, alice, import_, sold):
    """`page()` looks, `page(tier=…)` sends the form, as the browser would."""
    browser, address = browser_of(alice), reverse("onboarding:plan", args=[import_.pk])

    def visit(htmx=False, **typed):
        headers = {"HX-Request": "true"} if htmx else {}
        if not typed:
            return browser.get(address, headers=headers)
        shown = {"plan": "team", "shown": 250_000, "interval": "month", "currency": "eur"}
        return browser.post(address, {**shown, **typed}, headers=headers)

    return visit


def counted(import_, *codes, **more):
    import_.estimate = EstimateFactory(**more)
    import_.save()
    for number, code in enumerate(codes):
        EstimatedRepositoryFactory(estimate=import_.estimate, position=number, code=code)


def words(response):
    """The page's text, on one line."""
    text = re.sub(r"<[^>]+>", " ", response.text).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\s+", " ", text)


def chosen(import_):
    import_.refresh_from_db()
    return import_.has_plan, import_.plan, import_.lookup_key


def test_free_is_picked_and_the_prices_are_shown(page):
    shown = words(page())

    assert "€ 0.00 for ever" in shown
    assert "50,000 private lines of code" in shown and "Up to 5 members" in shown
    assert "from € 32.00 a month" in shown
    assert "By agreement from 2M lines" in shown


def test_the_tier_that_fits_is_marked_with_the_arithmetic(page, import_):
    counted(import_, 182_000, 400, state="done")

    response = page()

    shown = words(response)
    assert "Your private code is 182,400 lines: 250k fits, with 27 % to spare." in shown
    assert "100k would be 82,400 too few." in shown
    assert "250k lines: € 75.00 a month, which fits" in shown
    assert [plan.value for plan in response.context["plans"] if plan.fits] == ["team"]
    assert response.context["choice"].loc_limit == 250_000


@pytest.mark.parametrize(
    ("codes", "plan", "sentence"),
    [
        ([32_000], "free", "Your private code is 32,000 lines: Free fits, with 36 % to spare."),
        ([60_000], "team", "100k fits, with 40 % to spare. Free would be 10,000 too few."),
        ([2_000_000], "enterprise", "more than the largest tier: Enterprise fits"),
    ],
)
def test_also_free_and_enterprise_may_fit(page, import_, codes, plan, sentence):
    counted(import_, *codes, state="done")

    response = page()

    assert sentence in words(response)
    assert [each.value for each in response.context["plans"] if each.fits] == [plan]


def test_while_it_is_counted_the_highest_it_may_come_to_decides(import_):
    counted(import_, *[9_000] * 10)
    EstimatedRepositoryFactory(estimate=import_.estimate, position=11, size=2000)

    fit = fit_of(progress_of(import_.estimate), is_counting=True)

    assert fit.sum == "Your private code is likely to come to at most 108,000 lines"
    assert fit.verdict == "250k is likely to fit, with 56 % to spare."
    assert fit.smaller == "100k may be 8,000 too few."
    assert fit.claim.badge == "Likely to fit"


def test_nothing_is_said_to_fit_before_something_is_counted(page, import_):
    counted(import_)
    EstimatedRepositoryFactory(estimate=import_.estimate, size=4096)

    response = page()

    assert not any(plan.fits for plan in response.context["plans"])
    assert "What fits" not in response.text


HALF_WAY = {
    "stopped": ({"state": "cancelled"}, {}),
    "one could not be counted": ({"state": "done"}, {"state": "skipped", "skipped": "no_answer"}),
    "still counting": ({}, {}),
}


@pytest.mark.parametrize(("estimate", "left"), HALF_WAY.values(), ids=HALF_WAY)
def test_what_is_not_counted_whole_is_never_said_to_fit(page, import_, estimate, left):
    counted(import_, 182_400, **estimate)
    EstimatedRepositoryFactory(estimate=import_.estimate, position=9, size=4096, **left)

    shown = words(page())

    assert "At least 182,400 lines of your private code are counted" in shown
    assert "250k fits what is counted so far" in shown
    assert "Fits what is counted so far" in shown
    assert "250k lines: € 75.00 a month, which fits what is counted so far" in shown
    for claim in ("Fits your code", "250k fits,", "which fits ,", "Your private code is"):
        assert claim not in shown


def test_what_is_counted_whole_is_said_to_fit(page, import_):
    counted(import_, 182_400, state="done")

    shown = words(page())

    assert "Fits your code" in shown
    assert "so far" not in shown


def test_choosing_team_is_kept_and_goes_on(page, import_):
    response = page(tier=500_000, interval="year", currency="gbp")

    assert response["Location"] == reverse("onboarding:create", args=[import_.pk])
    assert chosen(import_) == (True, "team", "team-500k-year-gbp-v1")


def test_what_was_chosen_is_picked_on_coming_back(page, import_):
    page(tier=500_000, interval="year", currency="gbp")

    response = page()

    choice = response.context["choice"]
    assert (choice.plan, choice.loc_limit) == ("team", 500_000)
    assert (choice.interval, choice.currency) == ("year", "gbp")


PICKS = {
    "the slider": ({"step": 3, "tier": 250_000}, 1_000_000),
    "a smaller one": ({"act": "less", "step": 1, "tier": 250_000}, 100_000),
    "a larger one": ({"act": "more", "step": 1, "tier": 250_000}, 500_000),
    "no smaller than the smallest": ({"act": "less", "shown": 100_000}, 100_000),
    "no larger than the largest": ({"act": "more", "shown": 1_900_000}, 1_900_000),
    "a number": ({"lines": "412,300", "step": 1}, 500_000),
    "a number beyond": ({"lines": "9000000"}, 1_900_000),
    "the number that was seen": ({"lines": "412,300", "counted": 412300, "step": 0}, 100_000),
    "no number": ({"lines": "many", "step": 1}, 250_000),
}


@pytest.mark.parametrize(("typed", "tier"), PICKS.values(), ids=PICKS)
def test_every_way_to_pick_a_tier_shows_it(page, import_, typed, tier):
    response = page(**{"act": "show", **typed})

    assert response.status_code == 200
    assert response.context["choice"].loc_limit == tier
    assert chosen(import_) == (False, "", "")


def test_a_number_is_answered_with_its_tier_before_it_is_chosen(page, import_):
    response = page(lines="412300")

    assert "Team 500k" in response.text
    assert chosen(import_) == (False, "", "")


def test_a_slider_that_was_moved_in_the_last_moment_counts(page, import_):
    page(step=3, tier=250_000)

    assert chosen(import_) == (True, "team", "team-1m-month-eur-v1")


def test_what_is_paid_and_when(page, time_machine):
    time_machine.move_to("2026-11-26T12:00:00Z")

    shown = words(page(act="show", interval="month"))

    assert "€ 75.00 a month for Team 250k" in shown
    assert "the first 14 days are a trial" in shown
    assert "€ 75.00 is charged on Thursday 10 December 2026 , and then every month." in shown
    assert "By the year you would save € 150.00." in shown
    assert "you save $ 160.00" in words(page(act="show", interval="year", currency="usd"))


def test_htmx_gets_the_parts_that_change(page):
    response = page(htmx=True, act="more")

    assert "€ 145.00" in words(response)
    assert 'id="controls"' in response.text and "<html" not in response.text
    assert 'value="500000"' in response.text


REFUSED = {
    "a tier that is none": {"tier": 99},
    "a currency of nobody": {"currency": "xyz"},
    "an interval of nobody": {"interval": "day"},
    "a plan of nobody": {"plan": "gold"},
}


@pytest.mark.parametrize("typed", REFUSED.values(), ids=REFUSED)
def test_case_12_what_the_catalogue_does_not_offer_is_refused(page, import_, typed):
    response = page(**typed)

    assert response.status_code == 422
    assert "This price is not sold, or not any more." in response.text
    assert chosen(import_) == (False, "", "")


def test_case_12_prices_and_amounts_that_are_sent_along_are_ignored(page, import_):
    page(tier=250_000, lookup_key="team-100k-month-eur-v1", price="price_1", amount=1)

    assert chosen(import_) == (True, "team", "team-250k-month-eur-v1")


def test_enterprise_is_written_about(page, import_, settings):
    settings.BILLING_CONTACT = "sales@example.com"

    assert "mailto:sales@example.com?subject=Mooring%20Enterprise" in page().text
    assert page(plan="enterprise").status_code == 422
    assert chosen(import_) == (False, "", "")


def test_before_the_catalogue_is_synced_there_is_only_free(browser_of, alice, import_):
    browser, address = browser_of(alice), reverse("onboarding:plan", args=[import_.pk])

    shown, refused = browser.get(address), browser.post(address, {"plan": "team"})

    assert "Not sold here yet" in shown.text and 'id="controls"' not in shown.text
    assert refused.status_code == 422
    assert browser.post(address, {"plan": "free"}).status_code == 302


def test_the_last_look_names_the_price(page, browser_of, alice, import_):
    page(tier=100_000, interval="year")

    shown = words(browser_of(alice).get(reverse("onboarding:create", args=[import_.pk])))

    assert "Team 100k: € 320.00 a year, plus tax where it applies" in shown


def test_a_price_that_left_meanwhile_leads_back_to_the_plans(page, browser_of, alice, import_):
    page(tier=100_000)
    PriceFactory._meta.model.objects.update(is_sold=False)

    response = browser_of(alice).get(reverse("onboarding:create", args=[import_.pk]), follow=True)

    assert response.redirect_chain[-1][0] == reverse("onboarding:plan", args=[import_.pk])
    assert "This price is not sold, or not any more." in response.text
