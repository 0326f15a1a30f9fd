"""Azure DevOps on the wire, for one organization, without a server: fast enough for ten
thousand histories. Each answer has the status, headers and body that are recorded of the
real service; the sandbox, which speaks HTTP on a port, has them all.
"""

import json

import httpx2

from bindings.providers.azure_answers import ANONYMOUS

OWNER = "22157d54-1821-6536-a446-928b06348385"
COMMIT = "ab" * 20
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
    """What comes back. `refusal` and `silence` name what is wrong, or are empty."""

    def __init__(self, external_id):
        self.external_id, self.refusal, self.silence = external_id, "", ""

    def handle_request(self, transport, request):
        status, headers, body = self.answer(request)
        headers = {"X-VSS-E2EID": "an activity", **headers}
        return httpx2.Response(status, headers=headers, content=body, request=request)

    def answer(self, request):
        if self.silence:
            return SILENCES[self.silence]
        if self.refusal:
            return REFUSALS[self.refusal]
        path = request.url.path
        if path.endswith("/connectionData"):
            user = {"id": OWNER, "descriptor": "aad.robot", "providerDisplayName": "Robot"}
            return as_json({"authenticatedUser": user, "instanceId": self.external_id})
        if path.endswith("/refs"):
            branch = {"name": "refs/heads/main", "objectId": COMMIT}
            return as_json({"value": [{**branch, "updateStatus": "staleOldObjectId"}]})
        # The profile without an organization and the entitlements: not for this token.
        return REFUSALS["revoked"]


def as_json(body):
    return 200, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(body).encode()
