"""Addresses for people who are on their way into an organization."""

from django.urls import path

from organizations import asking_views, invitation_views

app_name = "people"
urlpatterns = [
    path("invitations/<uuid:invitation_id>/", invitation_views.invited, name="invited"),
    path("invitations/<str:signed>/", invitation_views.invitation, name="invitation"),
    path(
        "join-requests/<uuid:request_id>/withdraw/",
        asking_views.withdraw,
        name="withdraw-request",
    ),
]
