"""What support sees: everything but secrets, and nothing to edit."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest


class SupportAdmin(admin.ModelAdmin):
    """A read-only admin. Lists never count the whole table, nor ask the database once a row."""

    list_per_page = 50
    show_full_result_count = False
    actions = None

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """By what is offered as a filter: other columns could be guessed letter by letter."""
        return lookup.partition("__")[0] in self.list_filter

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
