"""Alice's organization with Bob in it, bound to contoso of the sandbox."""

import pytest

from bindings.inventory import repository_row, store_repositories
from bindings.platforms import open_azure
from projects.adding import add_projects
from tests.factories import BindingFactory, OrganizationFactory, RepositoryFactory, TokenFactory

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


@pytest.fixture
def fabrikam(sandbox, alice, bob):
    """Fabrikam of the sandbox, all of its repositories known and made into projects."""
    organization = OrganizationFactory(key="harbour", owner=alice, member=bob)
    external_id = sandbox.instance_id("fabrikam")
    binding = BindingFactory(
        organization=organization, external_name="fabrikam", external_id=external_id
    )
    token = sandbox.token("fabrikam")
    TokenFactory(binding=binding, secret=token)
    found = open_azure("fabrikam", token).inventory().repositories
    store_repositories(binding, [repository_row(each) for each in found])
    add_projects(organization, set(binding.repositories.values_list("pk", flat=True)), by=alice)
    return organization
