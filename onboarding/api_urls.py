from django.urls import path

from onboarding import api

urlpatterns = [
    path("imports", api.Imports.as_view(), name="imports"),
    path("imports/<uuid:import_id>", api.ImportDetail.as_view(), name="import"),
    path("imports/<uuid:import_id>/create", api.ImportCreate.as_view(), name="import-create"),
    path("key-availability", api.KeyAvailability.as_view(), name="key-availability"),
]
