"""Azure DevOps on the wire, for one organization, without a server: fast enough for ten
thousand histories. Each answer has the status, headers and body that are recorded of the
real service; the sandbox, which speaks HTTP on a port, has them all.
"""

import base64
import json

import httpx2

from bindings.providers.azure_answers import ANONYMOUS

OWNER = "22157d54-1821-6536-a446-928b06348385"
COMMIT = "ab" * 20
USER = {"id": OWNER, "descriptor": "aad.robot", "providerDisplayName": "Robot"}
BRANCH = {"name": "refs/heads/main", "objectId": COMMIT}
PROJECT = {"id": "5f3c1d8e-6f0b-4a55-9d1e-0d6c7b1f2a33", "name": "Quay", "visibility": "private"}
REPOSITORY = {
    "id": "0b9f6c1a-2a6e-4c0d-8a44-7c1f5e9d3b21",
    "name": "crane",
    "project": PROJECT,
    "defaultBranch": "refs/heads/main",
    "size": 2048,
}
EXPIRED = "Access Denied: The Personal Access Token used has expired."
REFUSALS = {
    "revoked": (401, {"WWW-Authenticate": 'Basic realm="https://tfsprod/"'}, b""),
    "expired": (401, {"X-TFS-ServiceError": EXPIRED.replace(" ", "%20")}, b""),
    "unknown": (401, {}, f"TF400813: The user '{ANONYMOUS}' is not authorized".encode()),
    "gone": (404, {"Content-Type": "text/html"}, b"The resource cannot be found."),
}
SILENCES = {
    "outage": (503, {"Content-Type": "text/html"}, b"Services Unavailable"),
    "throttled": (429, {}, b"TF400733: The request has been canceled"),
    "garbled": (200, {"Content-Type": "application/json"}, b'{"authenticatedUser": '),
}


class Wire:
    """What comes back. `refusal` and `silence` name what is wrong, or are empty; `refused` has
    how single tokens are refused.
    """

    def __init__(self, external_id):
        self.external_id, self.refusal, self.silence = external_id, "", ""
        self.refused = {}

    def handle_request(self, transport, request):
        status, headers, body = self.answer(request)
        headers = {"X-VSS-E2EID": "an activity", **headers}
        return httpx2.Response(status, headers=headers, content=body, request=request)

    def answer(self, request):
        if self.silence:
            return SILENCES[self.silence]
        if how := self.refusal or self.refused.get(secret_in(request)):
            return REFUSALS[how]
        known = {
            "connectionData": {"authenticatedUser": USER, "instanceId": self.external_id},
            "projects": {"value": [PROJECT]},
            "repositories": {"value": [REPOSITORY]},
            "refs": {"value": [{**BRANCH, "updateStatus": "staleOldObjectId"}]},
        }
        # The profile without an organization and the entitlements: not for this token.
        body = known.get(request.url.path.rpartition("/")[2])
        return as_json(body) if body else REFUSALS["revoked"]


def secret_in(request):
    _, _, credentials = request.headers["Authorization"].partition(" ")
    return base64.b64decode(credentials).decode().partition(":")[2]


def as_json(body):
    return 200, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(body).encode()
