"""The sum that is sold by: which branch of what counts, and how it adds up."""

from hypothesis import given
from hypothesis import strategies as st

from projects.sums import Measured, Summand, lines_in_use

BRANCHES = st.dictionaries(st.text(min_size=1, max_size=8), st.integers(0, 10**7), max_size=4)
PROJECTS = st.lists(st.builds(Measured, st.text(max_size=8), st.booleans(), BRANCHES), max_size=8)


def test_of_each_private_project_its_largest_branch_is_summed():
    in_use = lines_in_use(
        [
            Measured("quay", False, {"main": 120, "redesign": 150}),
            Measured("crane", False, {"main": 300}),
            Measured("open", True, {"main": 9000}),
            Measured("new", False, {}),
        ]
    )

    assert in_use.loc == 450
    assert in_use.summands == (
        Summand("crane", "main", 300, is_free=False),
        Summand("quay", "redesign", 150, is_free=False),
        Summand("open", "main", 9000, is_free=True),
        Summand("new", "", 0, is_free=False),
    )


def test_of_branches_as_large_as_each_other_the_first_one_counts():
    in_use = lines_in_use([Measured("quay", False, {"main": 120, "copy": 120})])

    assert in_use.summands[0].branch == "main"


@given(PROJECTS)
def test_the_sum_is_that_of_its_rows_whatever_their_order(projects):
    in_use = lines_in_use(projects)

    assert in_use.loc == sum(row.adds for row in in_use.summands)
    assert in_use.loc == lines_in_use(reversed(projects)).loc
    assert len(in_use.summands) == len(projects)


@given(PROJECTS, BRANCHES)
def test_one_more_public_project_costs_nothing(projects, branches):
    assert (
        lines_in_use([*projects, Measured("open", True, branches)]).loc
        == lines_in_use(projects).loc
    )
