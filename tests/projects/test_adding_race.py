"""Two people, one repository or one key, the same instant."""

import threading

import pytest
from django.db import connections

from core.errors import DomainError
from organizations.models import AuditEvent, Organization
from projects.adding import Naming, add_projects
from projects.models import Project
from projects.operations import NewProject, create_from_repository, create_project, delete_project
from tests.factories import BindingFactory, OrganizationFactory, ProjectFactory, RepositoryFactory

pytestmark = pytest.mark.django_db(transaction=True)


def meet(*acts):
    """Each act on a thread of its own, all starting together. Returns how they ended."""
    barrier, ends = threading.Barrier(len(acts)), []

    def run(act):
        barrier.wait()
        try:
            ends.append(act())
        except DomainError as refusal:
            ends.append(refusal.code)
        except Exception as error:
            ends.append(repr(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


@pytest.fixture
def shelf(alice):
    binding = BindingFactory(organization=OrganizationFactory(owner=alice))
    return RepositoryFactory.create_batch(20, binding=binding)


def harbour():
    """As every request finds it anew."""
    return Organization.objects.get()


def test_of_many_who_add_the_same_each_is_made_once(shelf, alice):
    ids = [repository.pk for repository in shelf]

    ends = meet(*[lambda: add_projects(harbour(), ids, by=alice)] * 8)

    assert sorted(end.count for end in ends) == [0] * 7 + [20]
    assert sorted(end.already for end in ends) == [0] + [20] * 7
    assert Project.objects.count() == 20
    assert AuditEvent.objects.filter(action="projects.added").count() == 1


def test_halves_that_overlap_make_a_whole(shelf, alice):
    halves = [[r.pk for r in shelf[:15]], [r.pk for r in shelf[5:]]]

    ends = meet(*[lambda ids=ids: add_projects(harbour(), ids, by=alice) for ids in halves])

    assert sum(end.count for end in ends) == 20
    assert sum(end.already for end in ends) == 10


def test_one_key_is_given_out_once(shelf, alice):
    def with_key(repository):
        namings = {repository.pk: Naming("Crane", "crane")}
        return add_projects(harbour(), [repository.pk], namings=namings, by=alice).count

    ends = meet(*[lambda r=r: with_key(r) for r in shelf[:4]])

    assert sorted(map(str, ends)) == ["1"] + ["project-names-refused"] * 3


def test_a_program_and_a_page_make_one_project_of_a_repository(shelf, alice):
    pk = shelf[0].pk

    ends = meet(
        *[lambda: create_from_repository(harbour(), pk, by=alice).key] * 3,
        *[lambda: add_projects(harbour(), [pk], by=alice).count] * 3,
    )

    assert Project.objects.count() == 1
    assert not [end for end in ends if "Error" in str(end)]


def test_names_that_make_the_same_key_get_keys_of_their_own(shelf, alice):
    ends = meet(*[lambda: create_project(harbour(), NewProject("Sketch"), by=alice).key] * 5)

    assert sorted(ends) == ["sketch", *(f"sketch-{n}" for n in range(2, 6))]


def test_it_is_deleted_once(shelf, alice):
    project = ProjectFactory(organization=harbour())

    ends = meet(*[lambda: delete_project(project, by=alice)] * 4)

    assert ends == [None] * 4
    assert AuditEvent.objects.filter(action="project.deleted").count() == 1
