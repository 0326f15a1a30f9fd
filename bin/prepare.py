"""What `manage.py shell` runs before the product starts: tables, prices and two accounts."""

import json
import os

from allauth.account.models import EmailAddress
from django.core.management import call_command

from accounts.models import User
from accounts.roles import end_support, make_support


def prepare() -> None:
    call_command("migrate", interactive=False)
    # Somebody's own Stripe gets products only from who asks for it.
    if os.environ.get("SELLS"):
        call_command("sync_catalogue", yes=True)
    for account in json.loads(os.environ["ACCOUNTS"]):
        _make_account(**account)


def _make_account(email: str, password: str, is_staff: bool) -> None:
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, password)
    if not user.check_password(password):
        user.set_password(password)
    user.save()
    end_support(user)
    if is_staff:
        make_support(user, may_act=True)
    EmailAddress.objects.update_or_create(
        user=user, email=email, defaults={"verified": True, "primary": True}
    )
