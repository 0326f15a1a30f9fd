"""`manage.py sync_catalogue`: show what Stripe lacks of the catalogue, then make it so."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from billing.catalogue import CatalogueError, catalogue
from billing.cataloguing import carry_out, steps_needed
from billing.comparing import Step
from billing.stripe_api import is_live
from core.errors import DomainError


class Command(BaseCommand):
    help = "Show what differs between the catalogue and Stripe, then make Stripe equal to it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="do it without asking")

    def handle(self, *args: Any, yes: bool, **options: Any) -> None:
        if not settings.STRIPE_SECRET_KEY:
            raise CommandError("STRIPE_SECRET_KEY is not set, so there is nothing to sync with.")
        try:
            self._sync(is_sure=yes)
        except (CatalogueError, DomainError) as error:
            raise CommandError(str(error)) from error

    def _sync(self, *, is_sure: bool) -> None:
        known = catalogue()
        steps = steps_needed(known)
        self._show(steps)
        if any(step.verb != "keep" for step in steps) and not (is_sure or self._asked()):
            self.stdout.write("Nothing was changed. With --yes it is.")
            return
        carry_out(known, steps)
        self.stdout.write(f"Stripe is equal to the catalogue; {len(known.prices)} prices are sold.")

    def _show(self, steps: list[Step]) -> None:
        mode = "live" if is_live() else "test"
        self.stdout.write(f"Stripe in {mode} mode, at {settings.STRIPE_API_URL}")
        for step in steps:
            if step.verb != "keep":
                line = f"  {step.verb:8} {step.kind:8} {step.name}"
                self.stdout.write(f"{line}: {step.said}" if step.said else line)
        kept = sum(step.verb == "keep" for step in steps)
        self.stdout.write(f"  keep     {kept}")

    def _asked(self) -> bool:
        return sys.stdin.isatty() and input("Do it? [y/N] ").strip().lower() in ("y", "yes")
