from django.urls import path

from claims import api

urlpatterns = [
    path("claims", api.Claims.as_view(), name="claims"),
    path("claims/<uuid:claim_id>", api.ClaimDetail.as_view(), name="claim"),
    path("claims/<uuid:claim_id>/evidence", api.ClaimEvidence.as_view(), name="claim-evidence"),
    path("claims/<uuid:claim_id>/withdraw", api.ClaimWithdrawal.as_view(), name="claim-withdraw"),
]
