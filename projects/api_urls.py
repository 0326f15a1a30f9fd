from django.urls import path

from projects import api, usage_api

urlpatterns = [
    path(
        "organizations/<str:key>/usage/readings",
        usage_api.Readings.as_view(),
        name="usage-readings",
    ),
    path(
        "organizations/<str:key>/projects/<str:project_key>/counts",
        usage_api.Counts.as_view(),
        name="counts",
    ),
    path("organizations/<str:key>/projects", api.Projects.as_view(), name="projects"),
    path(
        "organizations/<str:key>/projects/<str:project_key>",
        api.ProjectDetail.as_view(),
        name="project",
    ),
]
