from django.urls import path

from bindings import api

urlpatterns = [
    path("organizations/<str:key>/binding", api.Binding.as_view(), name="binding"),
    path("organizations/<str:key>/repositories", api.Repositories.as_view(), name="repositories"),
]
