from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.settings, name="settings"),
    path("notifications/", views.mails, name="notifications"),
    path("api-tokens/", views.api_tokens, name="api-tokens"),
    path("api-tokens/<uuid:token_id>/revoke/", views.revoke, name="revoke-api-token"),
]
