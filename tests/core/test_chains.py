"""A chain that is begun again: the new one goes on, and what is left of the old one ends."""

from core import chains


def test_the_newest_chain_of_a_name_goes_on_and_no_other():
    old, other = chains.begin("estimate-1-0"), chains.begin("estimate-1-1")
    new = chains.begin("estimate-1-0")

    assert chains.goes_on("estimate-1-0", new)
    assert not chains.goes_on("estimate-1-0", old)
    assert chains.goes_on("estimate-1-1", other)


def test_one_that_nobody_began_does_not_go_on():
    assert not chains.goes_on("estimate-2-0", "")
