"""Where the checkout sends who has paid for an organization."""

import structlog
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache

from billing.access import selling_to
from billing.errors import AccountBusy, CheckoutUnknown, StripeSilent
from billing.models import BillingAccount
from billing.operations import arrive
from core.http import Request
from organizations.access import organization_for_owner

logger = structlog.get_logger(__name__)


@never_cache
def paid(request: Request, key: str) -> HttpResponse:
    """Coming here proves nothing: Stripe is asked."""
    organization = selling_to(organization_for_owner(request.user, key))
    if session_id := request.GET.get("session_id", ""):
        account = get_object_or_404(BillingAccount, organization=organization)
        try:
            arrive(account, session_id)
        except CheckoutUnknown as error:
            logger.warning("checkout_forged", account=str(account.pk))
            raise Http404 from error
        except (StripeSilent, AccountBusy):
            # Its webhook tells the same.
            logger.info("checkout_not_looked_at", account=str(account.pk))
    return redirect("billing:detail", key)
