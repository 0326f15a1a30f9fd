"""`organizations/{key}/projects/{project}/analyses`: may this analysis run?"""

from typing import Any, ClassVar

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from accounts.models import Scope
from billing.admission import admit_analysis
from billing.errors import LocLimitReached, OnlyToLookAt
from core.api import BODY, IDEMPOTENCY_KEY, ApiRequest, ApiView, problems
from core.idempotency import idempotent
from organizations.access import Permission
from projects.access import project_for

MOST_LINES = 10**12


class AnalysisIn(serializers.Serializer[Any]):
    branch = serializers.CharField(max_length=1024, help_text="Of the project, as `main`.")
    loc = serializers.IntegerField(
        min_value=0, max_value=MOST_LINES, help_text="Lines of code of the whole branch."
    )
    pull_request = serializers.BooleanField(
        default=False,
        help_text="`branch` is the target, and `loc` what it would have. Judged, and not kept.",
    )


class AdmittedOut(serializers.Serializer[Any]):
    branch = serializers.CharField()
    loc = serializers.IntegerField()
    used = serializers.IntegerField(help_text="Private lines of the organization, with this.")
    limit = serializers.IntegerField(allow_null=True, help_text="Null is without a limit.")


class Analyses(ApiView):
    scopes: ClassVar = {"POST": Scope.ANALYSES}

    @extend_schema(
        operation_id="admit_analysis",
        request=AnalysisIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: AdmittedOut, **problems(402, 404, 409, *BODY)},
    )
    @idempotent
    def post(self, request: ApiRequest, key: str, project_key: str) -> Response:
        """Ask before an analysis runs.

        A 402, `loc-limit-reached`, tells `used`, `limit` and `needed` lines, the `plan` and `tier`
        that would do, and the page where an owner changes it, `url`. Public projects, and whatever
        doesn't make a project's largest branch larger, always pass. Members may, unless an owner
        took it away from them: then it is a 403, `may-not-run-analyses`.
        """
        project = project_for(request.user, key, project_key, Permission.RUN_ANALYSES)
        body = AnalysisIn(data=request.data)
        body.is_valid(raise_exception=True)
        sent = body.validated_data
        try:
            admitted = admit_analysis(
                project,
                branch=sent["branch"],
                loc=sent["loc"],
                is_pull_request=sent["pull_request"],
            )
        except (LocLimitReached, OnlyToLookAt) as refusal:
            refusal.details["url"] = settings.SITE_URL + reverse("billing:detail", args=[key])
            raise
        return Response(AdmittedOut(admitted).data, status=201)
