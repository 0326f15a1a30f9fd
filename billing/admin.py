from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from billing.models import (
    BillingAccount,
    CatalogPrice,
    Invoice,
    Operation,
    Quote,
    StripeEvent,
    Subscription,
)
from billing.money import in_words
from billing.words import title_of, without_links
from core.admin import ActingAdmin, SupportAdmin


class OfAccountAdmin(SupportAdmin):
    """Rows of an account, whose page links to all of them."""

    list_select_related = ["account__organization"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup == "account" or super().lookup_allowed(lookup, value, request)

    @admin.display(ordering="account__organization__key")
    def organization(self, row: Any) -> str:
        account = row.account
        return str(account.organization) if account and account.organization else "–"


@admin.register(BillingAccount)
class BillingAccountAdmin(ActingAdmin):
    list_display = ["__str__", "organization", "email", "currency", "grace_until", "synced_at"]
    list_select_related = ["organization"]
    list_filter = ["is_live", "currency"]
    search_fields = ["organization__key", "customer_id", "email", "name"]
    ordering = ["-created_at"]
    exclude = ["lease", "leased_until", "card"]
    readonly_fields = ["pays_with"]

    @admin.display(description="card")
    def pays_with(self, account: BillingAccount) -> str:
        card = account.card
        ends = f"{card.get('last4')}, until {card.get('exp_month')}/{card.get('exp_year')}"
        return f"{str(card.get('brand')).title()} that ends with {ends}" if card else "none"


@admin.register(Subscription)
class SubscriptionAdmin(ActingAdmin, OfAccountAdmin):
    list_display = ["stripe_id", "organization", "sold", "status", "period_end", "cancels_at"]
    list_filter = ["status", "plan", "interval", "is_sent_as_invoice"]
    search_fields = ["stripe_id", "account__organization__key", "account__customer_id"]
    ordering = ["-created_at"]

    @admin.display(description="what was sold")
    def sold(self, subscription: Subscription) -> str:
        return title_of(subscription)


@admin.register(Invoice)
class InvoiceAdmin(OfAccountAdmin):
    list_display = ["__str__", "organization", "status", "sum", "created_at", "due_at", "flaw"]
    list_filter = ["status", "needs_authentication"]
    search_fields = ["number", "stripe_id", "account__organization__key", "account__customer_id"]
    ordering = ["-created_at"]

    @admin.display(description="total", ordering="total")
    def sum(self, invoice: Invoice) -> str:
        return in_words(invoice.total, invoice.currency)


@admin.register(StripeEvent)
class StripeEventAdmin(ActingAdmin, OfAccountAdmin):
    list_display = ["stripe_id", "type", "organization", "state", "created_at", "attempts"]
    list_filter = ["state", "is_live"]
    search_fields = ["stripe_id", "type", "object_id", "customer_id"]
    ordering = ["-received_at"]
    exclude = ["error"]
    readonly_fields = ["what_went_wrong"]

    @admin.display(description="error")
    def what_went_wrong(self, event: StripeEvent) -> str:
        return without_links(event.error) or "–"


@admin.register(Operation)
class OperationAdmin(ActingAdmin, OfAccountAdmin):
    list_display = ["asked_at", "kind", "organization", "state", "by", "channel", "error_code"]
    list_select_related = ["account__organization", "by"]
    list_filter = ["state", "kind", "channel"]
    search_fields = ["account__organization__key", "account__customer_id", "error_code"]
    ordering = ["-asked_at"]
    # An address where somebody may pay is for that person alone.
    exclude = ["url", "params", "steps", "error"]
    readonly_fields = ["asked_for", "made_there", "what_went_wrong"]

    @admin.display(description="asked for")
    def asked_for(self, operation: Operation) -> str:
        return _listed(operation.params)

    @admin.display(description="made at Stripe")
    def made_there(self, operation: Operation) -> str:
        return _listed(operation.steps)

    @admin.display(description="error")
    def what_went_wrong(self, operation: Operation) -> str:
        return without_links(operation.error) or "–"


@admin.register(Quote)
class QuoteAdmin(OfAccountAdmin):
    list_display = ["made_at", "organization", "price", "due", "expires_at", "made_by"]
    list_select_related = ["account__organization", "price", "made_by"]
    list_filter = ["currency", "is_of_trial"]
    search_fields = ["account__organization__key", "account__customer_id", "price__lookup_key"]
    ordering = ["-made_at"]

    @admin.display(description="due", ordering="amount_due")
    def due(self, quote: Quote) -> str:
        return in_words(quote.amount_due, quote.currency)


@admin.register(CatalogPrice)
class CatalogPriceAdmin(SupportAdmin):
    list_display = ["lookup_key", "costs", "is_sold", "is_live", "price_id"]
    list_filter = ["plan", "interval", "currency", "is_sold", "is_live"]
    search_fields = ["lookup_key", "price_id", "product_id"]
    ordering = ["plan", "currency", "interval", "loc_limit"]

    @admin.display(description="amount", ordering="amount")
    def costs(self, price: CatalogPrice) -> str:
        return in_words(price.amount, price.currency)


def _listed(values: dict[str, Any]) -> str:
    said = "\n".join(f"{name}: {value}" for name, value in sorted(values.items()))
    return without_links(said) or "–"
