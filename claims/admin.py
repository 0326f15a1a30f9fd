from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.timesince import timesince

from accounts.models import User
from claims import deciding, queue, replies, screens
from claims.models import AccessClaim, Objection, ReplyTemplate, Strength
from claims.support_forms import AnswerForm, AskForm, AssignForm, NoteForm, PressForm, RejectForm
from core.admin import Act, ActingAdmin, EditingAdmin
from core.panels import show_on
from organizations.models import Organization

show_on(Organization, screens.claims, needs="claims.view_accessclaim")


def _is_open(claim: AccessClaim) -> bool:
    return claim.is_open


def _put_back(claim: AccessClaim, *, by: User) -> None:
    deciding.assign_claim(claim, to=None, by=by)


def _answer(claim: AccessClaim, *, objection: Objection, reason: str, by: User) -> None:
    deciding.answer_objection(objection, reason=reason, by=by)


TAKE = Act(
    "take", "Take it", "Put this claim on your desk.", "It is on your desk.", deciding.take_claim,
    PressForm,
    fits=lambda claim: claim.is_open and claim.assignee_id is None,
)  # fmt: skip
PUT_BACK = Act(
    "put-back", "Put it back", "Put this claim back for everybody.", "It is nobody's again.",
    _put_back, PressForm,
    fits=lambda claim: claim.is_open and claim.assignee_id is not None,
)  # fmt: skip
ASSIGN = Act(
    "assign", "Give it to somebody", "Put this claim on the desk of somebody of support.",
    "It is on another desk.", deciding.assign_claim, AssignForm, fits=_is_open,
)  # fmt: skip
ASK = Act(
    "ask", "Ask the claimant",
    "The claimant is mailed that there is a question. Until they answer, nothing is due of us.",
    "The claimant is asked.", deciding.ask_claimant, AskForm, fits=_is_open,
)  # fmt: skip
NOTE = Act(
    "note", "Add a note", "Write down what others of support should know.", "The note is there.",
    deciding.note_on_claim, NoteForm,
)  # fmt: skip
ANSWER = Act(
    "answer", "Answer an objection",
    "Say why the claim may go on in spite of it. Nothing is approved over an objection that has no "
    "answer, and an answer can't be changed.",
    "The objection is answered.", _answer, AnswerForm,
    fits=lambda claim: claim.is_open and claim.objections.filter(answer=None).exists(),
)  # fmt: skip
APPROVE = Act(
    "approve", "Approve",
    "Two of support approve a claim, each after looking for themselves. The first approval changes "
    "nothing yet; with the second the claimant becomes an owner at once, and everybody is told.",
    lambda is_given: "The claimant is an owner now, and everybody is told." if is_given
    else "You are the first to approve. Now somebody else of support has to.",
    deciding.approve_claim, fits=_is_open,
)  # fmt: skip
REJECT = Act(
    "reject", "Reject", "The claim ends, and the claimant is mailed the reason. They may claim the "
    "organization again in 30 days.",
    "The claim is rejected.", deciding.reject_claim, RejectForm, fits=_is_open,
)  # fmt: skip
REVERSE = Act(
    "reverse", "Reverse", "The claimant is no owner any more, at once. They are mailed the reason, "
    "and the other owners are told.",
    "The approval is reversed.", deciding.reverse_claim, RejectForm,
    fits=deciding.is_reversible,
)  # fmt: skip


@admin.register(AccessClaim)
class AccessClaimAdmin(ActingAdmin):
    """The queue, and all about a claim on one page."""

    belongs_to = "organization"
    list_display = ["organization_", "claimant", "state", "age", "due", "evidence", "objections"]
    list_display += ["desk", "approvals"]
    list_select_related = ["organization", "user", "assignee"]
    list_filter = queue.FILTERS
    search_fields = ["user__email", "organization__key", "pk"]
    sortable_by = ["age"]
    show_facets = admin.ShowFacets.NEVER
    fields = ()
    change_form_template = "admin/claims/accessclaim/change_form.html"
    acts = (TAKE, PUT_BACK, ASSIGN, ASK, NOTE, ANSWER, APPROVE, REJECT, REVERSE)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessClaim]:
        return queue.listed(super().get_queryset(request))

    def get_ordering(self, request: HttpRequest) -> Any:
        return queue.ordering_of(queue.state_wanted(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return queue.found(queryset, search_term), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *more: Any, **named: Any
    ) -> HttpResponse:
        by: Any = request.user
        context["columns"] = screens.columns_of(context["original"], by)
        return super().render_change_form(request, context, *more, **named)

    def form_of(
        self, request: HttpRequest, act: Act, row: AccessClaim, initial: dict[str, Any] | None
    ) -> forms.Form:
        """With the text that was chosen to begin with, and the objections that are open."""
        chosen = request.GET.get("template", "")
        template = replies.of(act.name).filter(pk=int(chosen)) if chosen.isdecimal() else []
        for each in template:
            text = replies.filled(each, row)
            initial = {"text": text, "reason": text}
        form = super().form_of(request, act, row, initial)
        if isinstance(form, AnswerForm):
            form.offer(row.objections.filter(answer=None).order_by("at"))
        return form

    def fitting(self, row: AccessClaim, user: Any) -> list[Act]:
        """Nothing on a claim of one's own, nor on an organization that one belongs to."""
        if not deciding.may_act(user, row):
            return []
        acts = super().fitting(row, user)
        if not deciding.may_approve(row, user):
            acts = [act for act in acts if act is not APPROVE]
        return acts

    def suggestions(self, act: Act, row: AccessClaim) -> list[tuple[str, str]]:
        return [(each.title, f"?template={each.pk}") for each in replies.of(act.name)]

    @admin.display(description="organization")
    def organization_(self, claim: AccessClaim) -> str:
        return f"{claim.external_name} · {claim.organization.key}"

    @admin.display
    def claimant(self, claim: AccessClaim) -> str:
        return claim.user.email

    @admin.display(ordering="-opened_at")
    def age(self, claim: AccessClaim) -> str:
        return timesince(claim.opened_at, depth=1)

    @admin.display
    def due(self, claim: AccessClaim) -> str:
        as_it_is = '<span class="overdue">{}</span>' if queue.is_overdue(claim) else "{}"
        return format_html(as_it_is, queue.due_in_words(claim))

    @admin.display
    def evidence(self, claim: AccessClaim) -> str:
        return queue.IN_WORDS[Strength(claim.strength)]

    @admin.display(description="objections")
    def objections(self, claim: Any) -> str:
        return str(len(claim.open_objections) or "none")

    @admin.display
    def desk(self, claim: AccessClaim) -> str:
        return claim.assignee.email if claim.assignee else "nobody"

    @admin.display
    def approvals(self, claim: AccessClaim) -> str:
        given = [claim.approved_by_first_id, claim.approved_by_second_id]
        return f"{sum(each is not None for each in given)} of 2"


@admin.register(ReplyTemplate)
class ReplyTemplateAdmin(EditingAdmin):
    list_display = ["title", "about"]
    list_filter = ["about"]
    search_fields = ["title", "text"]
    ordering = ["about", "title"]
