from django.urls import path

from organizations import api

urlpatterns = [
    path("organizations", api.Organizations.as_view(), name="organizations"),
    path("organizations/<str:key>", api.OrganizationDetail.as_view(), name="organization"),
]
