from django.urls import path

from organizations import views

app_name = "organizations"
urlpatterns = [
    path("new/", views.new, name="new"),
    path("switcher/", views.switcher, name="switcher"),
    path("<str:key>/", views.detail, name="detail"),
    path("<str:key>/settings/", views.settings, name="settings"),
    path("<str:key>/settings/delete/", views.delete, name="delete"),
    path("<str:key>/settings/remove-avatar/", views.remove_avatar, name="remove-avatar"),
    path("<str:key>/avatar/<str:digest>.png", views.avatar, name="avatar"),
]
