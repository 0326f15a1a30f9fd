from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from billing import changes, screens, supporting
from billing.alarms import ALARMS, Alarm, of_model, troubles
from billing.discounts import in_short
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
from billing.support_forms import AttachForm, EndForm, GraceForm
from billing.words import address_lines, card_in_words, title_of, without_links
from core.admin import Act, ActingAdmin, SupportAdmin
from core.panels import show_on
from organizations.models import Organization

show_on(Organization, screens.billing, needs="billing.view_billingaccount")

ATTACH = Act(
    "attach", "Attach an Enterprise subscription",
    "Make the subscription at Stripe first, for the organization's customer or a new one, with the "
    "lines that were agreed on as loc_limit in its metadata. A worker looks at it in a moment; the "
    "account's page shows how that ended.",
    "It is being attached.", supporting.attach, AttachForm,
)  # fmt: skip
RESYNC = Act(
    "resync", "Resync",
    "Ask Stripe how everything of this account stands, and make our copy that.",
    "A worker is asking Stripe.", supporting.resync,
)  # fmt: skip
GRACE = Act(
    "grace", "Extend grace",
    "It keeps what it had until that day, though a payment is missing or the subscription ended.",
    "The grace is extended.", supporting.extend_grace, GraceForm,
)  # fmt: skip
END = Act(
    "end", "End at once",
    "The subscription ends now, and open invoices are not asked for any more. Nothing is deleted. "
    "This can't be undone; a plan can be chosen again.",
    "The subscription is being ended.", changes.end_subscription, EndForm,
    fits=lambda account: account.subscriptions.live().exists(),
)  # fmt: skip
REPLAY = Act(
    "replay", "Replay",
    "Handle it once more: Stripe is asked how everything of its account stands now.",
    "It is being handled.", supporting.replay_event,
)  # fmt: skip
RETRY = Act(
    "retry", "Retry",
    "Try it at once. One that failed is asked for again, as another operation.",
    "It is being tried.", supporting.retry,
    fits=lambda operation: operation.is_open or supporting.is_ours_and_failed(operation),
)  # fmt: skip
FAIL = Act(
    "fail", "Give up",
    "It is not tried again, and something else can be asked for. What it has done at Stripe stays.",
    "It was given up.", supporting.fail, fits=supporting.may_be_given_up,
)  # fmt: skip


class AlarmFilter(admin.SimpleListFilter):
    title, parameter_name = "alarm", "alarm"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(alarm.name, alarm.title) for alarm in of_model(model_admin.model)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        alarms = [each for each in of_model(queryset.model) if each.name == self.value()]
        return queryset.filter(pk__in=alarms[0].rows().values("pk")) if alarms else queryset


class BillingAdmin(SupportAdmin):
    """`?alarm=` narrows a list to what somebody has to look at."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        known = (AlarmFilter.parameter_name, "account")
        return lookup in known or super().lookup_allowed(lookup, value, request)


class OfAccountAdmin(BillingAdmin):
    """Rows of an account, whose page links to all of them."""

    belongs_to = "account__organization"
    list_select_related = ["account__organization"]

    @admin.display(ordering="account__organization__key")
    def organization(self, row: Any) -> str:
        account = row.account
        return str(account.organization) if account and account.organization else "–"


@admin.register(BillingAccount)
class BillingAccountAdmin(ActingAdmin, BillingAdmin):
    """All of an account on one page."""

    belongs_to = "organization"
    list_display = ["__str__", "organization", "email", "currency", "grace_until", "synced_at"]
    list_select_related = ["organization"]
    list_filter = [AlarmFilter, "is_live"]
    search_fields = ["organization__key", "customer_id", "email", "name"]
    ordering = ["-created_at"]
    exclude = [
        "lease", "leased_until", "customer_asked", "address", "tax_ids", "card", "discounts",
    ]  # fmt: skip
    readonly_fields = ["invoiced_to", "tax_numbers", "pays_with", "taken_off"]
    acts = (RESYNC, GRACE, END)
    change_form_template = "admin/billing/billingaccount/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("alarms/", wrap(self.alarms_view), name="billing_billingaccount_alarms"),
            path("attach/", wrap(self.attach_view), name="billing_billingaccount_attach"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"may_act": self.may_act(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        account = self.get_object(request, unquote(object_id))
        if account and self.has_view_permission(request, account):
            known = {"facts": screens.facts_of(account), "tables": screens.tables_of(account)}
            extra_context = {**known, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, extra_context)

    def alarms_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": "Alarms", "opts": self.opts, "troubles": troubles(),
            "alarms": [(alarm, alarm.count(), _rows_of(alarm)) for alarm in ALARMS],
        }  # fmt: skip
        return render(request, "admin/billing/alarms.html", context)

    def attach_view(self, request: HttpRequest) -> HttpResponse:
        if not self.may_act(request):
            raise PermissionDenied
        back = reverse("admin:billing_billingaccount_changelist")
        return self.ask_why(request, ATTACH, None, back=back)

    @admin.display(description="address")
    def invoiced_to(self, account: BillingAccount) -> str:
        return ", ".join(address_lines(account.address)) or "none"

    @admin.display(description="tax ids")
    def tax_numbers(self, account: BillingAccount) -> str:
        return (
            ", ".join(f"{each['value']} ({each['status']})" for each in account.tax_ids) or "none"
        )

    @admin.display(description="discount as a customer")
    def taken_off(self, account: BillingAccount) -> str:
        return in_short(account.discounts, account.currency or "eur") or "none"

    @admin.display(description="card")
    def pays_with(self, account: BillingAccount) -> str:
        return card_in_words(account.card) or "none"


@admin.register(Subscription)
class SubscriptionAdmin(OfAccountAdmin):
    list_display = ["stripe_id", "organization", "sold", "status", "period_end", "cancels_at"]
    list_filter = [AlarmFilter, "status", "plan", "interval", "is_sent_as_invoice"]
    search_fields = ["stripe_id", "account__organization__key", "account__customer_id"]
    ordering = ["-created_at"]
    exclude = ["discounts"]
    readonly_fields = ["taken_off"]

    @admin.display(description="discount of its own")
    def taken_off(self, subscription: Subscription) -> str:
        return in_short(subscription.discounts, subscription.currency) or "none"

    @admin.display(description="what was sold")
    def sold(self, subscription: Subscription) -> str:
        return title_of(subscription)


@admin.register(Invoice)
class InvoiceAdmin(OfAccountAdmin):
    list_display = ["__str__", "organization", "status", "sum", "created_at", "due_at", "flaw"]
    list_filter = [AlarmFilter, "status", "needs_authentication"]
    search_fields = ["number", "stripe_id", "account__organization__key", "account__customer_id"]
    ordering = ["-created_at"]

    @admin.display(description="total", ordering="total")
    def sum(self, invoice: Invoice) -> str:
        return in_words(invoice.total, invoice.currency)


@admin.register(StripeEvent)
class StripeEventAdmin(ActingAdmin, OfAccountAdmin):
    list_display = ["stripe_id", "type", "organization", "state", "created_at", "attempts"]
    list_filter = [AlarmFilter, "state", "is_live"]
    acts = (REPLAY,)
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
    list_filter = [AlarmFilter, "state", "kind"]
    acts = (RETRY, FAIL)
    search_fields = ["account__organization__key", "account__customer_id", "error_code"]
    ordering = ["-asked_at"]
    # An address where somebody may pay is for that person alone.
    exclude = ["url", "params", "asked", "steps", "error"]
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


def _rows_of(alarm: Alarm) -> str:
    """The list of what an alarm is about."""
    opts = alarm.model._meta
    place = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    return f"{place}?q={alarm.word}" if alarm.word else f"{place}?alarm={alarm.name}"
