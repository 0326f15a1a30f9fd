from django.urls import path

from billing import webhooks

app_name = "stripe"
urlpatterns = [
    path("webhooks/stripe/", webhooks.receive, name="webhook"),
    path("health/", webhooks.health, name="health"),
]
