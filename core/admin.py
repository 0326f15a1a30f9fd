"""What support sees: everything but secrets, and nothing to edit. What it does are acts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import quote, unquote
from django.contrib.auth import get_permission_codename
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model
from django.dispatch import Signal
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property

from core.http import errors_on, render_form
from core.panels import panels_of

# Somebody at the desk looks at a row: `row`, `whose` it is, and `request`. Sent before anything of
# it is shown, so that a receiver that fails shows nothing. A list is no look at its rows.
looked_at = Signal()


# Nobody turns more pages than that, so nothing beyond is counted.
MOST_COUNTED = 2000


class CountedUpTo(Paginator):
    """Pages of what may be very much."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:MOST_COUNTED].count())

    @property
    def is_more(self) -> bool:
        return self.count >= MOST_COUNTED


class SupportAdmin(admin.ModelAdmin):
    """A read-only admin. Lists never count the whole table, nor ask the database once a row.

    `belongs_to` is the path to whose a row is, as in a query: `binding__organization`. Empty where
    the row is that itself, None where rows are nobody's.
    """

    belongs_to: str | None = None

    list_per_page = 50
    paginator = CountedUpTo
    show_full_result_count = False
    actions = None

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """By what is offered as a filter: other columns could be guessed letter by letter."""
        offered = [getattr(each, "parameter_name", each) for each in self.list_filter]
        return lookup.partition("__")[0] in offered

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *more: Any, **named: Any
    ) -> HttpResponse:
        self.note_look(request, context["original"])
        return super().render_change_form(request, context, *more, **named)

    def history_view(self, request: HttpRequest, object_id: str, *args: Any) -> HttpResponse:
        response = super().history_view(request, object_id, *args)
        if isinstance(response, TemplateResponse):
            self.note_look(request, (response.context_data or {})["object"])
        return response

    def note_look(self, request: HttpRequest, row: Model) -> None:
        if whose := self.whose(row):
            looked_at.send(type(self), row=row, whose=whose, request=request)

    def whose(self, row: Any) -> Any:
        """What `belongs_to` leads to; None where it leads nowhere (any more)."""
        if self.belongs_to is None:
            return None
        for name in filter(None, self.belongs_to.split("__")):
            try:
                row = getattr(row, name, None)
            except ObjectDoesNotExist:
                return None
        return row


class PanelAdmin(SupportAdmin):
    """A row whose page is made of panels, by whatever rooms know of it, in place of its fields."""

    change_form_template = "admin/panels_form.html"
    fields = ()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *more: Any, **named: Any
    ) -> HttpResponse:
        context["panels"] = panels_of(context["original"], request.user)
        return super().render_change_form(request, context, *more, **named)


class EditingAdmin(SupportAdmin):
    """Rows that are the desk's own. Who has the permission adds, changes and deletes them."""

    has_add_permission = admin.ModelAdmin.has_add_permission
    has_change_permission = admin.ModelAdmin.has_change_permission
    has_delete_permission = admin.ModelAdmin.has_delete_permission


class ReasonForm(forms.Form):
    """What whoever acts has to say."""

    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text="Goes on the record with your name.",
    )
    field_order: list[str] | None = None


@dataclass(frozen=True)
class Act:
    """Something that support does to a row, on a page of its own that asks why.

    `do(row, by=…, reason=…, …)` takes what the form has. `said` is told when it went well; it may
    depend on what `do` returned. It is offered where it `fits` the row; see `fitting`.
    """

    name: str
    label: str
    text: str
    said: str | Callable[[Any], str]
    do: Callable[..., Any]
    form: type[forms.Form] = ReasonForm
    fits: Callable[[Any], bool] = lambda row: True

    @property
    def is_one_press(self) -> bool:
        """Nothing is asked, so that it needs no page of its own."""
        return not self.form.base_fields


class ActingAdmin(SupportAdmin):
    """Rows stay read-only; who has the permission to change them may act on them."""

    acts: tuple[Act, ...] = ()
    change_form_template = "admin/acting_form.html"

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.act_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_act"
        return [path("<path:object_id>/act/<slug:name>/", page, name=name), *super().get_urls()]

    def may_act(self, request: HttpRequest) -> bool:
        codename = get_permission_codename("change", self.opts)
        user: Any = request.user
        return bool(user.has_perm(f"{self.opts.app_label}.{codename}"))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {"acts": self._offered(request, object_id), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)

    def act_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        if not self.may_act(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        act = next((each for each in self.acts if each.name == name), None)
        if row is None or act is None:
            raise Http404
        self.note_look(request, row)
        back = self.place("change", row)
        return self.ask_why(request, act, row, back=back)

    def ask_why(
        self,
        request: HttpRequest,
        act: Act,
        row: Any,
        *,
        back: str,
        initial: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of an act. Only a POST with a reason does it."""
        form = self.form_of(request, act, row, initial)
        if form.is_valid():
            with errors_on(form):
                on = () if row is None else (row,)
                done = act.do(*on, by=request.user, **form.cleaned_data)
                said = act.said if isinstance(act.said, str) else act.said(done)
                self.message_user(request, said)
                return redirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": act.label, "opts": self.opts, "original": row, "act": act, "back": back,
            "suggestions": self.suggestions(act, row),
        }  # fmt: skip
        return render_form(request, "admin/act.html", form, **context)

    def form_of(
        self, request: HttpRequest, act: Act, row: Any, initial: dict[str, Any] | None
    ) -> forms.Form:
        return act.form(request.POST if request.method == "POST" else None, initial=initial)

    def suggestions(self, act: Act, row: Any) -> list[tuple[str, str]]:
        """Texts to begin with: what each is called, and the address that fills it in."""
        return []

    def place(self, view: str, row: Model) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{view}"
        return reverse(name, args=[quote(row.pk)])

    def _offered(self, request: HttpRequest, object_id: str) -> list[dict[str, Any]]:
        """What may be done to a row as it is."""
        row = self.get_object(request, unquote(object_id)) if self.may_act(request) else None
        if row is None:
            return []
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_act"
        return [
            {
                "label": act.label,
                "place": reverse(name, args=[quote(row.pk), act.name]),
                "is_one_press": act.is_one_press,
            }
            for act in self.fitting(row, request.user)
        ]

    def fitting(self, row: Any, user: Any) -> list[Act]:
        """What may be done to a row as it is, by this person of those who may act."""
        return [act for act in self.acts if act.fits(row)]
