"""`imports` and `key-availability`."""

import uuid
from typing import ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from accounts.models import Scope
from core.api import BODY, IDEMPOTENCY_KEY, ApiRequest, ApiView, problems
from core.idempotency import idempotent
from onboarding.access import import_of
from onboarding.errors import PlanUnavailable
from onboarding.operations import create_at_once, start_import
from onboarding.serializers import CreateIn, ImportIn, ImportOut, KeyAvailabilityOut
from organizations.operations import free_keys, key_problem


class Imports(ApiView):
    scopes: ClassVar = {"POST": Scope.IMPORTS}

    @extend_schema(
        operation_id="start_import",
        request=ImportIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: ImportOut, **problems(409, *BODY)},
    )
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        """Start an import. Its token is verified in the background; ask again to see how."""
        body = ImportIn(data=request.data)
        body.is_valid(raise_exception=True)
        asked = {name: value for name, value in body.validated_data.items() if name != "platform"}
        import_ = start_import(by=request.user, **asked)
        import_.refresh_from_db(fields=["state", "verdict", "checks"])
        return Response(ImportOut(import_).data, status=201)


class ImportDetail(ApiView):
    scopes: ClassVar = {"GET": Scope.IMPORTS}

    @extend_schema(operation_id="get_import", responses={200: ImportOut, **problems(404)})
    def get(self, request: ApiRequest, import_id: uuid.UUID) -> Response:
        """How far an import is."""
        return Response(ImportOut(import_of(request.user, import_id)).data)


class ImportCreate(ApiView):
    scopes: ClassVar = {"POST": Scope.IMPORTS}

    @extend_schema(
        operation_id="create_organization",
        request=CreateIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: ImportOut, **problems(404, 409, *BODY)},
    )
    @idempotent
    def post(self, request: ApiRequest, import_id: uuid.UUID) -> Response:
        """Create the organization of a finished check. Repeating it changes nothing."""
        import_ = import_of(request.user, import_id)
        body = CreateIn(data=request.data)
        body.is_valid(raise_exception=True)
        asked = dict(body.validated_data)
        if asked["plan"] != "free":
            raise PlanUnavailable
        details = {name: asked[name] for name in ("key", "name", "description", "url")}
        create_at_once(import_, by=request.user, **details)
        import_ = import_of(request.user, import_id)
        return Response(ImportOut(import_).data, status=201)


class KeyAvailability(ApiView):
    scopes: ClassVar = {"GET": Scope.IMPORTS}

    @extend_schema(
        operation_id="check_key",
        parameters=[OpenApiParameter("key", str)],
        responses={200: KeyAvailabilityOut, **problems()},
    )
    def get(self, request: ApiRequest) -> Response:
        """Whether a key can be had, and keys like it that can."""
        key = request.query_params.get("key", "")[:200]
        problem = key_problem(key)
        answer = {
            "key": key,
            "available": problem is None,
            "problem": problem,
            "suggestions": free_keys(key) if problem else [],
        }
        return Response(KeyAvailabilityOut(answer).data)
