"""Alice's organization with Bob in it, bound to contoso of the sandbox."""

import pytest

from tests.factories import BindingFactory, OrganizationFactory, RepositoryFactory

PLACE = "/organizations/harbour/projects/"

# The corpus is counted, not run: some of it looks like tests.
collect_ignore = ["corpus"]


@pytest.fixture
def binding(alice, bob):
    organization = OrganizationFactory(key="harbour", owner=alice, member=bob)
    return BindingFactory(organization=organization)


@pytest.fixture
def harbour(binding):
    return binding.organization


@pytest.fixture
def shelf(binding):
    """`shelf("Quay/crane", "Dock/winch")`: repositories in platform projects."""

    def make(*names, **values):
        pairs = [name.split("/") for name in names]
        return [
            RepositoryFactory(
                binding=binding, project_name=project, project_id=project, name=name, **values
            )
            for project, name in pairs
        ]

    return make
