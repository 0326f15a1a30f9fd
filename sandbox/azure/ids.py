"""Ids that are the same in every run, made from names, so that nothing has to be stored."""

import base64
import re
import uuid
from dataclasses import replace

from .model import Organization, Person

_NAMESPACE = uuid.UUID("6b1f6f0a-4f1e-4a55-9d8e-2f9b1c1d7a10")

TENANT_ID = str(uuid.uuid5(_NAMESPACE, "tenant"))
ANONYMOUS_ID = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"


def guid(*parts: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))


def is_guid(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text.lower()) is not None


def with_ids(organization: Organization, instance_id: str) -> Organization:
    """The organization with this id, and ids for all it has that follow from it."""
    projects = []
    for project in organization.projects:
        project_id = guid(instance_id, project.name)
        repositories = tuple(
            replace(each, id=guid(instance_id, project_id, each.name))
            for each in project.repositories
        )
        projects.append(replace(project, id=project_id, repositories=repositories))
    return replace(organization, instance_id=instance_id, projects=tuple(projects))


def person_id(person: Person) -> str:
    """The storage key of an identity: a GUID whose version digit is 6."""
    return _with_version(guid("person", person.account), "6")


def subject_descriptor(person: Person, backing: str) -> str:
    """`aad.` or `msa.` and the base64 of a GUID that is *not* the person's id.

    The real service does the same (its two GUIDs differ in the version digit), so a
    client that compares one with the other must fail here too.
    """
    other = _with_version(guid("person", person.account), "7")
    return f"{backing}.{base64.b64encode(other.encode()).decode().rstrip('=')}"


def _with_version(value: str, digit: str) -> str:
    return f"{value[:14]}{digit}{value[15:]}"
