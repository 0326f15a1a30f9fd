from django.urls import path

from organizations import api, asking_api, audit_api, invitation_api, people_api

ONE = "organizations/<str:key>"
urlpatterns = [
    path("organizations", api.Organizations.as_view(), name="organizations"),
    path(ONE, api.OrganizationDetail.as_view(), name="organization"),
    path(f"{ONE}/restore", api.Restore.as_view(), name="restore-organization"),
    path(f"{ONE}/members", people_api.Members.as_view(), name="members"),
    path(f"{ONE}/members/<uuid:user_id>", people_api.MemberDetail.as_view(), name="member"),
    path(f"{ONE}/owners", people_api.Owners.as_view(), name="owners"),
    path(f"{ONE}/owners/<uuid:user_id>", people_api.OwnerDetail.as_view(), name="owner"),
    path(f"{ONE}/invitations", invitation_api.Invitations.as_view(), name="invitations"),
    path(
        f"{ONE}/invitations/<uuid:invitation_id>",
        invitation_api.InvitationDetail.as_view(),
        name="invitation",
    ),
    path(
        f"{ONE}/invitations/<uuid:invitation_id>/resend",
        invitation_api.Resend.as_view(),
        name="resend-invitation",
    ),
    path(f"{ONE}/join-requests", asking_api.JoinRequests.as_view(), name="join-requests"),
    path(
        f"{ONE}/join-requests/<uuid:request_id>/approve",
        asking_api.Approve.as_view(),
        name="approve-join-request",
    ),
    path(
        f"{ONE}/join-requests/<uuid:request_id>/decline",
        asking_api.Decline.as_view(),
        name="decline-join-request",
    ),
    path(f"{ONE}/audit-events", audit_api.AuditEvents.as_view(), name="audit-events"),
]
