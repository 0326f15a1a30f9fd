from django.urls import path

from claims import owner_views

app_name = "organization-claims"
urlpatterns = [
    path("<str:key>/claims/", owner_views.claims, name="list"),
    path("<str:key>/claims/<uuid:claim_id>/object/", owner_views.object_, name="object"),
]
