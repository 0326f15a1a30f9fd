from django.urls import path

from billing import analysis_api, api, plan_api

urlpatterns = [
    path("plans", plan_api.Plans.as_view(), name="plans"),
    path(
        "organizations/<str:key>/entitlements",
        api.EntitlementsOfOrganization.as_view(),
        name="entitlements",
    ),
    path(
        "organizations/<str:key>/subscription",
        api.SubscriptionOfOrganization.as_view(),
        name="subscription",
    ),
    path("organizations/<str:key>/invoices", api.Invoices.as_view(), name="invoices"),
    path(
        "organizations/<str:key>/projects/<str:project_key>/analyses",
        analysis_api.Analyses.as_view(),
        name="analyses",
    ),
]
