"""`manage.py sync_webhook_endpoint URL`: have Stripe send its events to us."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.endpoints import retire_endpoints, sync_endpoint
from core.errors import DomainError


class Command(BaseCommand):
    help = "Have Stripe send its events to an address, and print the secret they are signed with."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", help="https://…/billing/webhooks/stripe/")
        parser.add_argument(
            "--new-secret", action="store_true", help="make another endpoint, with another secret"
        )
        parser.add_argument(
            "--retire", action="store_true", help="remove all but the newest for this address"
        )

    def handle(self, *args: Any, url: str, new_secret: bool, retire: bool, **options: Any) -> None:
        try:
            if retire:
                self.stdout.write(f"{retire_endpoints(url)} removed.")
            else:
                self._sync(url, is_new=new_secret)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _sync(self, url: str, *, is_new: bool) -> None:
        endpoint = sync_endpoint(url, is_new=is_new)
        self.stdout.write(f"{endpoint.identifier} sends to {url}.")
        if endpoint.secret:
            self.stdout.write("Its secret, shown this once, to go first in STRIPE_WEBHOOK_SECRETS:")
            self.stdout.write(endpoint.secret)
        if endpoint.others:
            self.stdout.write(
                f"{endpoint.others} older for this address: once the new secret is in use,"
                " remove them with --retire."
            )
