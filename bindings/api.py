"""`organizations/{key}/binding`, its token and verifications, and `…/repositories`."""

from typing import ClassVar
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from accounts.models import Scope
from bindings.models import DevOpsBinding, PersonalAccessToken, Verification
from bindings.replacing import replace_token, request_verification
from bindings.serializers import BindingOut, RepositoryOut, TokenIn, VerificationOut
from core.api import BODY, IDEMPOTENCY_KEY, ApiRequest, ApiView, problems
from core.idempotency import idempotent
from core.paging import PAGE_PARAMETERS, ApiPage
from organizations.access import organization_for_member, organization_for_owner

Slot = PersonalAccessToken.Slot


class Binding(ApiView):
    scopes: ClassVar = {"GET": Scope.ORGANIZATIONS_READ}

    @extend_schema(operation_id="get_binding", responses={200: BindingOut, **problems(404)})
    def get(self, request: ApiRequest, key: str) -> Response:
        """What the organization is bound to, its tokens and the newest verification."""
        binding = _binding(request, key)
        tokens = {token.slot: token for token in binding.tokens.defer("secret")}
        newest = binding.verifications.of_current().order_by("-at").first()
        binding.token = tokens.get(Slot.CURRENT)  # type: ignore[attr-defined]
        binding.next_token = tokens.get(Slot.NEXT)  # type: ignore[attr-defined]
        binding.verification = newest  # type: ignore[attr-defined]
        return Response(BindingOut(binding).data)


class BindingToken(ApiView):
    scopes: ClassVar = {"PUT": Scope.ORGANIZATIONS_WRITE}

    @extend_schema(
        operation_id="replace_token",
        request=TokenIn,
        responses={202: VerificationOut, **problems(404, 409, *BODY)},
    )
    def put(self, request: ApiRequest, key: str) -> Response:
        """Replace the token. It is verified first; ask for the verification until it is done.

        Only one token can wait. Where one that works stands by already, this is refused with
        `standby-waits`, unless `replace_standby` says that it may be wiped.
        """
        binding = _binding_of_owner(request, key)
        body = TokenIn(data=request.data)
        body.is_valid(raise_exception=True)
        token = replace_token(binding, body.replacement(), by=request.user)
        return _accepted(token)


class VerificationPage(ApiPage):
    ordering = ("-at", "-id")


class Verifications(ApiView):
    scopes: ClassVar = {"GET": Scope.ORGANIZATIONS_READ, "POST": Scope.ORGANIZATIONS_WRITE}
    pagination_class = VerificationPage

    @extend_schema(
        operation_id="list_verifications",
        parameters=PAGE_PARAMETERS,
        responses={200: VerificationOut(many=True), **problems(404)},
    )
    def get(self, request: ApiRequest, key: str) -> Response:
        """What is kept of 400 days, newest first."""
        binding, pages = _binding(request, key), VerificationPage()
        page = pages.paginate_queryset(binding.verifications.all(), request, view=self)
        return pages.get_paginated_response(VerificationOut(page, many=True).data)

    @extend_schema(
        operation_id="verify_token",
        request=None,
        parameters=[IDEMPOTENCY_KEY],
        responses={202: VerificationOut, **problems(404, 409, *BODY)},
    )
    @idempotent
    def post(self, request: ApiRequest, key: str) -> Response:
        """Have everything about the token in use asked anew. While it runs, once is enough."""
        binding = _binding_of_owner(request, key)
        return _accepted(request_verification(binding, by=request.user))


class OneVerification(ApiView):
    scopes: ClassVar = {"GET": Scope.ORGANIZATIONS_READ}

    @extend_schema(
        operation_id="get_verification", responses={200: VerificationOut, **problems(404)}
    )
    def get(self, request: ApiRequest, key: str, verification_id: UUID) -> Response:
        """One verification, also while it runs. Each comes to an end: what nobody is going to
        answer any more, because the token was replaced or wiped, is `called_off`.
        """
        binding = _binding(request, key)
        asked = binding.tokens.filter(request=verification_id).defer("secret").first()
        if asked:
            return Response(VerificationOut.running(asked))
        done = get_object_or_404(binding.verifications, pk=verification_id)
        return Response(VerificationOut(done).data)


class Repositories(ApiView):
    scopes: ClassVar = {"GET": Scope.ORGANIZATIONS_READ}
    pagination_class = ApiPage

    @extend_schema(
        operation_id="list_repositories",
        parameters=[
            OpenApiParameter("q", str, description="Words in repository or project."),
            *PAGE_PARAMETERS,
        ],
        responses={200: RepositoryOut(many=True), **problems(404)},
    )
    def get(self, request: ApiRequest, key: str) -> Response:
        """The repositories the token sees, by name."""
        binding, pages = _binding(request, key), ApiPage()
        known = binding.repositories.filter(vanished_at=None)
        found = known.search(request.query_params.get("q", "")[:100])
        page = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(RepositoryOut(page, many=True).data)


def _accepted(token: PersonalAccessToken) -> Response:
    """202: it runs, or on a quick worker it is done by now."""
    done = Verification.objects.filter(pk=str(token.request)).first()
    shown = VerificationOut(done).data if done else VerificationOut.running(token)
    return Response(shown, status=202)


def _binding_of_owner(request: ApiRequest, key: str) -> DevOpsBinding:
    organization = organization_for_owner(request.user, key)
    return get_object_or_404(DevOpsBinding, organization=organization)


def _binding(request: ApiRequest, key: str) -> DevOpsBinding:
    organization = organization_for_member(request.user, key)
    return get_object_or_404(DevOpsBinding, organization=organization)
