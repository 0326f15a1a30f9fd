"""What `bin/bench entitlements` compares with: the product's Django and database, a view of one
statement, and nothing between it and the server.
"""

import uuid

import django
from django.apps import apps
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, JsonResponse
from django.urls import path

django.setup(set_prefix=False)
# Only now: some of the installed packages refuse to start without theirs.
settings.MIDDLEWARE, settings.ROOT_URLCONF = [], __name__
Organization = apps.get_model("organizations", "Organization")


def organization(request: HttpRequest, pk: uuid.UUID) -> JsonResponse:
    # No instance is made of it, which would take longer.
    return JsonResponse(Organization.objects.values("key", "name").get(pk=pk))


urlpatterns = [path("<uuid:pk>", organization)]
application = WSGIHandler()
