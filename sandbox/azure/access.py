"""Which projects a person may see, and whose code they may read. A public one is everybody's."""

from .model import Person, Project


def may_see(person: Person, project: Project) -> bool:
    if project.visibility == "public":
        return True
    return person.member and (person.sees is None or project.name in person.sees)


def may_read(person: Person, project: Project) -> bool:
    """Stakeholders have no access to the code of private projects."""
    if project.visibility == "public":
        return True
    return may_see(person, project) and person.access_level != "stakeholder"
