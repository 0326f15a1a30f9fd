"""`manage.py issue_api_token EMAIL --scopes imports organizations:read`: print a new token once."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Scope, User
from accounts.operations import issue_api_token
from core.errors import DomainError

LONGEST = 3650


class Command(BaseCommand):
    help = "Issue an API token for a user and print it, once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--scopes", nargs="+", required=True, help=", ".join(Scope.values))
        parser.add_argument("--name", default="Issued by an operator")
        parser.add_argument("--days", type=int, default=365, help="days until it expires")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].lower(), is_active=True).first()
        if user is None:
            raise CommandError(f"Nobody active here has the e-mail address {options['email']}.")
        if not 1 <= options["days"] <= LONGEST:
            raise CommandError(f"--days takes 1 to {LONGEST}.")
        expires_at = timezone.now() + timedelta(days=options["days"])
        try:
            _, secret = issue_api_token(
                user, name=options["name"], scopes=options["scopes"], expires_at=expires_at
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(secret)
