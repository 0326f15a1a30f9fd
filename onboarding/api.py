"""`imports` and `key-availability`."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from accounts.models import Scope
from billing.models import CatalogPrice, Plan
from billing.prices import price_for
from core.api import BODY, IDEMPOTENCY_KEY, ApiRequest, ApiView, problems
from core.idempotency import idempotent
from onboarding.access import import_of
from onboarding.errors import PlanByContact
from onboarding.operations import create_at_once, pay_at_once, start_import
from onboarding.reserving import free_keys, key_problem
from onboarding.serializers import CreateIn, ImportIn, ImportOut, KeyAvailabilityOut


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
        responses={201: ImportOut, 202: ImportOut, **problems(404, 409, *BODY)},
    )
    @idempotent
    def post(self, request: ApiRequest, import_id: uuid.UUID) -> Response:
        """Create the organization of a finished check. Repeating it changes nothing.

        A plan that is paid is answered with 202 and `checkout_url`: whoever opens it pays, and
        that creates the organization. Its key is held meanwhile, for an hour. Where nothing is
        sold it is created at once, whatever the plan, and has no limit.
        """
        import_ = import_of(request.user, import_id)
        body = CreateIn(data=request.data)
        body.is_valid(raise_exception=True)
        asked = dict(body.validated_data)
        details = {name: asked[name] for name in ("key", "name", "description", "url")}
        if asked["plan"] == Plan.FREE or not settings.BILLING:
            create_at_once(import_, by=request.user, **details)
        else:
            pay_at_once(import_, price=_price(asked), by=request.user, **details)
        import_ = import_of(request.user, import_id)
        return Response(ImportOut(import_).data, status=201 if import_.organization_id else 202)


def _price(asked: dict[str, Any]) -> CatalogPrice:
    """Of what the catalogue sells, and nothing else."""
    if asked["plan"] == Plan.ENTERPRISE:
        raise PlanByContact
    return price_for(asked["plan"], asked["tier"] or 0, asked["interval"], asked["currency"])


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
