"""Which ship lies where."""

__version__ = "2.4.0"
