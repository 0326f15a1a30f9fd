from django.urls import path

from onboarding import claim_views, estimate_views, joining_views, views

app_name = "onboarding"
urlpatterns = [
    path("new/", views.start, name="start"),
    path("key/", views.key_check, name="key-check"),
    path("<uuid:import_id>/", views.progress, name="import"),
    path("<uuid:import_id>/token/", views.token, name="token"),
    path("<uuid:import_id>/again/", views.again, name="again"),
    path("<uuid:import_id>/abandon/", views.abandon, name="abandon"),
    path("<uuid:import_id>/details/", views.details, name="details"),
    path("<uuid:import_id>/avatar.png", views.avatar, name="avatar"),
    path("<uuid:import_id>/plan/", views.plan, name="plan"),
    path("<uuid:import_id>/estimate/", estimate_views.estimate, name="estimate"),
    path("<uuid:import_id>/create/", views.create, name="create"),
    path("<uuid:import_id>/payment/", views.payment, name="payment"),
    path("<uuid:import_id>/payment/back/", views.reopen, name="reopen"),
    path("<uuid:import_id>/paid", views.paid, name="paid"),
    path("<uuid:import_id>/join/", joining_views.join, name="join"),
    path("<uuid:import_id>/claim/", claim_views.claim, name="claim"),
]
