"""What Stripe keeps, a module each; a new one is found by itself."""

import pkgutil
from importlib import import_module


def load() -> None:
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
