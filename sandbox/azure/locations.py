"""Where clients are told to find things: the routes served here and the areas they are in.

Ids, templates and versions are the service's own. Its SDKs know a route by its id.
"""

from typing import NamedTuple

from .call import Host

_REPOSITORY = "{project}/_apis/{area}/repositories/{repositoryId}"


class Location(NamedTuple):
    """A row of `OPTIONS _apis`, named as on the wire."""

    id: str
    area: str
    resourceName: str
    routeTemplate: str
    resourceVersion: int = 1
    minVersion: str = "1.0"
    maxVersion: str = "7.2"
    releasedVersion: str = "7.1"


LOCATIONS = (
    Location(
        "603fe2ac-9723-48b9-88ad-09305aa6c6e1",
        "core",
        "projects",
        "_apis/{resource}/{*projectId}",
        resourceVersion=4,
    ),
    Location(
        "225f7195-f9c7-4d14-ab28-a83f7ff77e1f",
        "git",
        "repositories",
        "{project}/_apis/{area}/{resource}/{repositoryId}",
    ),
    Location(
        "2d874a60-a811-4f62-9c9f-963a6ea0a55b",
        "git",
        "refs",
        _REPOSITORY + "/{resource}/{*filter}",
        resourceVersion=2,
    ),
    Location(
        "fb93c0db-47ed-4a31-8c20-47552878fb44", "git", "items", _REPOSITORY + "/{resource}/{*path}"
    ),
    Location(
        "ea98d07b-3c87-4971-8ede-a613694ffb55",
        "git",
        "pushes",
        _REPOSITORY + "/{resource}/{pushId}",
        resourceVersion=2,
    ),
    Location(
        "d5b216de-d8d5-4d32-ae76-51df755b16d3",
        "git",
        "branchStats",
        _REPOSITORY + "/stats/branches",
        resourceVersion=2,
    ),
    Location(
        "40c1f5b7-2bb6-4c28-b844-0f47cd6bb610",
        "git",
        "branchStats",
        _REPOSITORY + "/stats/branches/{*name}",
    ),
    Location(
        "fc50d02a-849f-41fb-8af1-0a5216103269",
        "hooks",
        "subscriptions",
        "_apis/{area}/{resource}/{subscriptionId}",
    ),
    Location(
        "00d9565f-ed9c-4a06-9a50-00e7896ccab4",
        "Location",
        "ConnectionData",
        "_apis/{resource}",
        releasedVersion="0.0",
    ),
    Location(
        "e81700f7-3be2-46de-8624-2eb35882fcaa",
        "Location",
        "ResourceAreas",
        "_apis/{resource}/{areaId}",
        minVersion="3.2",
        releasedVersion="0.0",
    ),
    Location(
        "cf1faa59-1b63-4448-bf04-13d981a46f5d",
        "Security",
        "PermissionEvaluationBatch",
        "_apis/{area}/{resource}",
        minVersion="3.0",
    ),
    Location(
        "ce7b9f95-fde9-4be8-a86d-83b366f0b87a",
        "Security",
        "SecurityNamespaces",
        "_apis/{resource}/{securityNamespaceId}",
    ),
    Location(
        "dd3b8bd6-c7fc-4cbd-929a-933d9c011c9d",
        "Security",
        "Permissions",
        "_apis/{resource}/{securityNamespaceId}/{permissions}",
        resourceVersion=2,
    ),
)

# The id of an area, its name and the host that answers for it.
AREAS = {
    "79134c72-4a58-4b42-976c-04e7115f32bf": ("core", Host.CORE),
    "4e080c62-fa21-4fbc-8fef-2a10a2b38049": ("git", Host.CORE),
    "bb1e7ec9-e901-4b68-999a-de7012b920f8": ("Graph", Host.IDENTITY),
    "68ddce18-2501-45f1-a17b-7931a9922690": ("MemberEntitlementManagement", Host.ENTITLEMENTS),
}
