"""Every address of the product."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularAPIView

from billing import plan_views as plans
from bindings import feeds
from core.admin import SupportAdmin
from organizations import views as organizations
from projects import rules_views as rules

admin.autodiscover()
# Support sees what we show it, read-only; what libraries register beside that can be edited.
for model, model_admin in list(admin.site._registry.items()):
    if not isinstance(model_admin, SupportAdmin):
        admin.site.unregister(model)
# The admin's own sign-in knows neither second factors nor rate limits.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = "Mooring support"

handler400 = "core.http.bad_request"
handler403 = "core.http.forbidden"
handler404 = "core.http.not_found"
handler500 = "core.http.server_error"

api: list[URLPattern | URLResolver] = [
    path("", include("onboarding.api_urls")),
    path("", include("claims.api_urls")),
    path("", include("billing.api_urls")),
    path("", include("projects.api_urls")),
    path("", include("bindings.api_urls")),
    path("", include("organizations.api_urls")),
    path(
        "openapi.json",
        SpectacularAPIView.as_view(
            authentication_classes=[],
            permission_classes=[],
            renderer_classes=[OpenApiJsonRenderer],
        ),
        name="openapi",
    ),
]

urlpatterns = [
    path("", organizations.home, name="home"),
    path("healthz", organizations.healthz, name="healthz"),
    path("lines-of-code/", rules.published, name="rules"),
    path("plans/", plans.published, name="plans"),
    path("imports/", include("onboarding.urls")),
    path("organizations/", include("organizations.urls")),
    path("", include("organizations.outside_urls")),
    path("organizations/", include("bindings.urls")),
    path("organizations/", include("projects.urls")),
    path("organizations/", include("billing.urls")),
    path("organizations/", include("claims.organization_urls")),
    path("claims/", include("claims.urls")),
    path("settings/", include("accounts.urls")),
    path("calendar/<str:secret>.ics", feeds.calendar, name="calendar"),
    path("notifications/", include("accounts.notification_urls")),
    path("billing/", include("billing.stripe_urls")),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include((api, "api"))),
]
