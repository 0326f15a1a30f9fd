from django.urls import path

from accounts import views

app_name = "notifications"
urlpatterns = [
    path("", views.notifications, name="list"),
    path("read/", views.read_all, name="read-all"),
    path("<uuid:notification_id>/", views.open_notification, name="open"),
]
