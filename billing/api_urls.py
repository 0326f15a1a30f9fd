from django.urls import path

from billing import analysis_api, api, change_api, plan_api, usage_api

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
    path("organizations/<str:key>/subscription/quotes", change_api.Quotes.as_view(), name="quotes"),
    path(
        "organizations/<str:key>/subscription/changes", change_api.Changes.as_view(), name="changes"
    ),
    path(
        "organizations/<str:key>/subscription/changes/<uuid:change_id>",
        change_api.OneChange.as_view(),
        name="change",
    ),
    path("organizations/<str:key>/usage", usage_api.Usage.as_view(), name="usage"),
    path(
        "organizations/<str:key>/usage/projects",
        usage_api.UsageByProject.as_view(),
        name="usage-projects",
    ),
    path("organizations/<str:key>/invoices", api.Invoices.as_view(), name="invoices"),
    path(
        "organizations/<str:key>/projects/<str:project_key>/analyses",
        analysis_api.Analyses.as_view(),
        name="analyses",
    ),
]
