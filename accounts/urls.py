from django.urls import path

from accounts import personal_views, views

app_name = "accounts"
urlpatterns = [
    path("", views.settings, name="settings"),
    path("notifications/", views.mails, name="notifications"),
    path("api-tokens/", views.api_tokens, name="api-tokens"),
    path("api-tokens/<uuid:token_id>/revoke/", views.revoke, name="revoke-api-token"),
    path("data/", personal_views.data, name="data"),
    path("data/download/", personal_views.download, name="download-data"),
    path("delete-account/", personal_views.delete_account, name="delete-account"),
]
