from django.urls import path

from organizations import (
    asking_views,
    audit_views,
    ending_views,
    key_views,
    people_views,
    views,
)

app_name = "organizations"
MEMBER = "<str:key>/members/<uuid:user_id>/"
INVITATION = "<str:key>/members/invitations/<uuid:invitation_id>/"
REQUEST = "<str:key>/members/requests/<uuid:request_id>/"
urlpatterns = [
    path("new/", views.new, name="new"),
    path("switcher/", views.switcher, name="switcher"),
    path("<str:key>/", views.detail, name="detail"),
    path("<str:key>/members/", people_views.members, name="members"),
    path("<str:key>/members/invite/", people_views.invite, name="invite"),
    path("<str:key>/members/leave/", people_views.leave, name="leave"),
    path(MEMBER, people_views.member, name="member"),
    path(f"{MEMBER}promote/", people_views.promote, name="promote"),
    path(f"{MEMBER}demote/", people_views.demote, name="demote"),
    path(f"{MEMBER}remove/", people_views.remove, name="remove-member"),
    path(f"{INVITATION}resend/", people_views.resend_invitation, name="resend-invitation"),
    path(f"{INVITATION}revoke/", people_views.revoke_invitation, name="revoke-invitation"),
    path(f"{REQUEST}approve/", asking_views.approve, name="approve-request"),
    path(f"{REQUEST}decline/", asking_views.decline, name="decline-request"),
    path("<str:key>/settings/", views.settings, name="settings"),
    path("<str:key>/settings/key/", key_views.change, name="key"),
    path("<str:key>/settings/recovery/", key_views.recovery, name="recovery"),
    path("<str:key>/settings/delete/", ending_views.delete, name="delete"),
    path("<str:key>/restore/", ending_views.restore, name="restore"),
    path("<str:key>/settings/remove-avatar/", views.remove_avatar, name="remove-avatar"),
    path("<str:key>/audit/", audit_views.log, name="audit"),
    path("<str:key>/audit/events.csv", audit_views.as_csv, name="audit-csv"),
    path("<str:key>/audit/events.jsonl", audit_views.as_json_lines, name="audit-jsonl"),
    path("<str:key>/avatar/<str:digest>.png", views.avatar, name="avatar"),
]
