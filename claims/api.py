"""`claims`: list, make, look, bring evidence, withdraw."""

import uuid
from typing import ClassVar

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from accounts.models import Scope, User
from claims.access import claim_of
from claims.models import AccessClaim, Evidence
from claims.operations import claim_named, look_now, paste_token, withdraw_claim
from claims.serializers import ClaimIn, ClaimOut, EvidenceIn
from core.api import BODY, IDEMPOTENCY_KEY, ApiRequest, ApiView, problems
from core.idempotency import idempotent
from core.paging import PAGE_PARAMETERS, ApiPage


class ClaimPage(ApiPage):
    ordering = ("-opened_at", "-id")


class Claims(ApiView):
    scopes: ClassVar = {"GET": Scope.CLAIMS, "POST": Scope.CLAIMS}
    pagination_class = ClaimPage

    @extend_schema(
        operation_id="list_claims",
        parameters=PAGE_PARAMETERS,
        responses={200: ClaimOut(many=True), **problems()},
    )
    def get(self, request: ApiRequest) -> Response:
        """The claims of the token's person, newest first."""
        pages = ClaimPage()
        page = pages.paginate_queryset(_claims_of(request.user), request, view=self)
        return pages.get_paginated_response(ClaimOut(page, many=True).data)

    @extend_schema(
        operation_id="claim_organization",
        request=ClaimIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: ClaimOut, **problems(409, *BODY)},
    )
    @idempotent
    def post(self, request: ApiRequest) -> Response:
        """Claim an organization that is here, because no owner can be reached. Its owners are told
        at once. One that is not here is refused with `not-here`.
        """
        body = ClaimIn(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        claim = claim_named(asked["organization"], statement=asked["statement"], by=request.user)
        return _answered(request.user, claim, 201)


class ClaimDetail(ApiView):
    scopes: ClassVar = {"GET": Scope.CLAIMS}

    @extend_schema(operation_id="get_claim", responses={200: ClaimOut, **problems(404)})
    def get(self, request: ApiRequest, claim_id: uuid.UUID) -> Response:
        """How far a claim is, with its evidence."""
        return _answered(request.user, claim_of(request.user, claim_id), 200)


class ClaimEvidence(ApiView):
    scopes: ClassVar = {"POST": Scope.CLAIMS}

    @extend_schema(
        operation_id="bring_evidence",
        request=EvidenceIn,
        parameters=[IDEMPOTENCY_KEY],
        responses={202: ClaimOut, **problems(404, 409, *BODY)},
    )
    @idempotent
    def post(self, request: ApiRequest, claim_id: uuid.UUID) -> Response:
        """Have a token looked at, once, or look for the words. Ask for the claim until
        `is_looking` is false; what was found is in `evidence`.
        """
        claim = claim_of(request.user, claim_id)
        body = EvidenceIn(data=request.data)
        body.is_valid(raise_exception=True)
        if body.validated_data["kind"] == AccessClaim.Look.TOKEN:
            paste_token(claim, body.validated_data.get("token", ""), by=request.user)
        else:
            look_now(claim, by=request.user)
        return _answered(request.user, claim, 202)


class ClaimWithdrawal(ApiView):
    scopes: ClassVar = {"POST": Scope.CLAIMS}

    @extend_schema(
        operation_id="withdraw_claim",
        request=None,
        parameters=[IDEMPOTENCY_KEY],
        responses={200: ClaimOut, **problems(404, 409, *BODY)},
    )
    @idempotent
    def post(self, request: ApiRequest, claim_id: uuid.UUID) -> Response:
        """End a claim that is open."""
        claim = claim_of(request.user, claim_id)
        withdraw_claim(claim, by=request.user)
        return _answered(request.user, claim, 200)


def _claims_of(user: User) -> QuerySet[AccessClaim]:
    newest_first = Prefetch("evidence", Evidence.objects.for_claimant().order_by("-at"))
    own = AccessClaim.objects.filter(user=user).defer("secret").select_related("organization")
    return own.prefetch_related(newest_first)


def _answered(user: User, claim: AccessClaim, status: int) -> Response:
    """As it is by now."""
    return Response(ClaimOut(_claims_of(user).get(pk=claim.pk)).data, status=status)
