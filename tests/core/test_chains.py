"""A chain that is begun again: one that lives stays the only one, one that is dead is replaced."""

from core import chains

NAME = "estimate-1-0"


def test_one_that_lives_is_not_begun_again():
    mark = chains.begin(NAME)

    assert chains.begin(NAME) is None
    assert chains.goes_on(NAME, mark)
    assert chains.begin("estimate-1-1") is not None


def test_one_that_is_begun_anew_goes_on_and_the_old_one_does_not():
    old = chains.begin(NAME)

    new = chains.begin(NAME, anew=True)

    assert chains.goes_on(NAME, new)
    assert not chains.goes_on(NAME, old)


def test_one_that_waits_for_its_first_turn_is_not_begun_anew():
    new = chains.begin(NAME, anew=True)

    assert chains.begin(NAME, anew=True) is None
    assert chains.goes_on(NAME, new)
    assert chains.begin(NAME, anew=True) is not None


def test_after_its_end_there_may_be_another_one():
    old = chains.begin(NAME)
    chains.end(NAME, old)

    new = chains.begin(NAME)
    chains.end(NAME, old)

    assert chains.goes_on(NAME, new)


def test_one_that_nobody_began_does_not_go_on():
    assert not chains.goes_on(NAME, "")
