"""Which ship lies where, and who brings it in."""

__version__ = "2.5.0.dev1"
