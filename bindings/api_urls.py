from django.urls import path

from bindings import api

urlpatterns = [
    path("organizations/<str:key>/binding", api.Binding.as_view(), name="binding"),
    path("organizations/<str:key>/binding/token", api.BindingToken.as_view(), name="binding-token"),
    path(
        "organizations/<str:key>/binding/verifications",
        api.Verifications.as_view(),
        name="verifications",
    ),
    path(
        "organizations/<str:key>/binding/verifications/<uuid:verification_id>",
        api.OneVerification.as_view(),
        name="verification",
    ),
    path("organizations/<str:key>/repositories", api.Repositories.as_view(), name="repositories"),
]
