from django.urls import path

from billing import api, plan_api

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
]
