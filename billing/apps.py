from importlib import import_module

from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self) -> None:
        # It registers itself, and can't be imported before there are models.
        import_module("billing.checks")
