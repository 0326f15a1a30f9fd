"""What `bin/bench entitlements` asks for. Runs in the product's own process."""

import json
from datetime import timedelta

from django.utils import timezone

from accounts.models import Scope, User
from accounts.operations import issue_api_token
from billing.models import BillingAccount, Subscription
from organizations.models import Membership, Organization


def seed(count: int) -> None:
    """Organizations that pay, with a member's token each. Prints who may ask for what."""
    print("ROWS", json.dumps([_organization(number) for number in range(count)]))


def _organization(number: int) -> dict[str, str]:
    organization = Organization.objects.create(key=f"harbour-{number}", name=f"Harbour {number}")
    user = User.objects.create(email=f"person{number}@example.com")
    Membership.objects.create(organization=organization, user=user)
    _, secret = issue_api_token(user, name="Scanner", scopes=[Scope.ORGANIZATIONS_READ])
    account = BillingAccount.objects.create(
        organization=organization, customer_id=f"cus_{number}", email=user.email
    )
    _subscribe(account, f"sub_{number}")
    return {"key": organization.key, "id": str(organization.pk), "secret": secret}


def _subscribe(account: BillingAccount, stripe_id: str) -> None:
    now = timezone.now()
    Subscription.objects.create(
        account=account,
        stripe_id=stripe_id,
        status="active",
        known_status="active",
        plan="team",
        loc_limit=250_000,
        interval="month",
        currency="eur",
        amount=7500,
        period_start=now,
        period_end=now + timedelta(days=30),
    )
