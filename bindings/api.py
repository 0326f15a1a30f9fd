"""`organizations/{key}/binding` and `…/repositories`."""

from typing import ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from accounts.models import Scope
from bindings.models import DevOpsBinding, PersonalAccessToken
from bindings.serializers import BindingOut, RepositoryOut
from core.api import ApiRequest, ApiView, problems
from core.paging import PAGE_PARAMETERS, ApiPage
from organizations.access import organization_for_member


class Binding(ApiView):
    scopes: ClassVar = {"GET": Scope.ORGANIZATIONS_READ}

    @extend_schema(operation_id="get_binding", responses={200: BindingOut, **problems(404)})
    def get(self, request: ApiRequest, key: str) -> Response:
        """What the organization is bound to, its token and the newest verification."""
        binding = _binding(request, key)
        current = binding.tokens.filter(slot=PersonalAccessToken.Slot.CURRENT).defer("secret")
        binding.token = current.first()  # type: ignore[attr-defined]
        binding.verification = binding.verifications.order_by("-at").first()  # type: ignore[attr-defined]
        return Response(BindingOut(binding).data)


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


def _binding(request: ApiRequest, key: str) -> DevOpsBinding:
    organization = organization_for_member(request.user, key)
    return get_object_or_404(DevOpsBinding, organization=organization)
