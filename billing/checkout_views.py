"""Where the checkout sends who has paid for an organization."""

import structlog
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from billing.access import selling_to
from billing.errors import AccountBusy, CheckoutUnknown, StripeSilent
from billing.models import BillingAccount
from billing.operations import arrive
from bindings.views import frame_of
from core.http import Request
from organizations.access import organization_for_owner
from organizations.models import Organization

logger = structlog.get_logger(__name__)


@never_cache
def paid(request: Request, key: str) -> HttpResponse:
    """Coming here proves nothing: Stripe is asked, again and again while it can't be."""
    organization = selling_to(organization_for_owner(request.user, key))
    if session_id := request.GET.get("session_id", ""):
        account = get_object_or_404(BillingAccount, organization=organization)
        try:
            arrive(account, session_id)
        except CheckoutUnknown as error:
            logger.warning("checkout_forged", account=str(account.pk))
            raise Http404 from error
        except (StripeSilent, AccountBusy):
            # Its webhook tells the same, and may be what keeps us waiting.
            logger.info("checkout_not_looked_at", account=str(account.pk))
            return _wait(request, organization)
    return _go_on(request, reverse("billing:detail", args=[key]))


def _wait(request: Request, organization: Organization) -> HttpResponse:
    if request.htmx:
        return HttpResponse(status=204)
    return render(request, "billing/arriving.html", frame_of(organization, "billing"))


def _go_on(request: Request, address: str) -> HttpResponse:
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
