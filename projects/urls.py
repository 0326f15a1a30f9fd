from django.urls import path

from projects import adding_views, count_views, estimate_views, usage_views, views

app_name = "projects"
urlpatterns = [
    path("<str:key>/lines-of-code/", usage_views.lines, name="lines"),
    path("<str:key>/lines-of-code/count/", usage_views.count, name="count"),
    path("<str:key>/estimate/", estimate_views.every, name="estimate"),
    path(
        "<str:key>/repositories/<uuid:repository_id>/lines/",
        estimate_views.one,
        name="repository-lines",
    ),
    path("<str:key>/projects/", views.list_, name="list"),
    path("<str:key>/projects/add/", adding_views.add, name="add"),
    path("<str:key>/projects/add/names/", adding_views.names, name="names"),
    path("<str:key>/projects/new/", adding_views.new, name="new"),
    path("<str:key>/projects/<str:project_key>/", views.detail, name="detail"),
    path("<str:key>/projects/<str:project_key>/count/", count_views.count, name="count-one"),
    path("<str:key>/projects/<str:project_key>/settings/", views.settings, name="settings"),
    path("<str:key>/projects/<str:project_key>/token/", views.token, name="token"),
    path(
        "<str:key>/projects/<str:project_key>/token/remove/",
        views.remove_token,
        name="remove-token",
    ),
    path("<str:key>/projects/<str:project_key>/delete/", views.delete, name="delete"),
]
