from django.urls import path

from projects import api

urlpatterns = [
    path("organizations/<str:key>/projects", api.Projects.as_view(), name="projects"),
    path(
        "organizations/<str:key>/projects/<str:project_key>",
        api.ProjectDetail.as_view(),
        name="project",
    ),
]
