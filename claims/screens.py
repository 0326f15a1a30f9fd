"""A claim as the desk sees it, and the claims on an organization."""

from collections.abc import Callable
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import Notification, User
from bindings import screens as of_bindings
from claims.deciding import conditions_of
from claims.domains import work_domain
from claims.models import AccessClaim, ClaimLetter, Decision, Evidence, Objection, Strength
from claims.queue import IN_WORDS, NEWEST_FIRST, due_in_words
from claims.telling import contacts_of
from claims.waiting import ABSENT_FOR
from claims.weighing import WORDS
from core.panels import Entry, Panel, Table, list_of, page_of, table_of, to_the_minute
from organizations.actions import Family
from organizations.models import AuditEvent, Organization
from organizations.owners import owners_of

# Of each kind, the latest.
SHOWN, SIMILAR_SHOWN = 50, 10
MARKS = {Strength.STRONG: "pass", Strength.WEAK: "warn", Strength.NONE: "unknown"}
# What was seen, in words.
FACTS = {
    "account": "account",
    "domain": "domain",
    "name": "name there",
    "project": "project",
    "seen_with": "seen with",
    "verdict": "answer",
}


def conditions(claim: AccessClaim, by: User) -> Panel:
    """What approving takes, and what is missing."""
    if not claim.is_open:
        return Panel("Before it can be approved", empty="It is decided.")
    entries = [
        Entry(each.title, mark="pass", word="yes")
        if each.is_met
        else Entry(each.title, each.refusal.message, mark="fail", word="no")
        for each in conditions_of(claim, by)
    ]
    return Panel("Before it can be approved", entries=entries)


def claimed(claim: AccessClaim, by: User) -> Panel:
    here = claim.organization
    facts = [
        ("State", claim.get_state_display()),
        ("Due", due_in_words(claim)),
        ("On the desk of", claim.assignee.email if claim.assignee else "nobody"),
        ("Organization there, as the claimant says", claim.external_name),
        ("Organization here", f"{here.name} ({here.key})"),
        ("Claimed", to_the_minute(claim.opened_at)),
        ("Owners may object until", to_the_minute(claim.waits_until)),
        ("Why not longer", claim.shortened_because or "it is the whole waiting period"),
        ("Approved by", _approvals(claim)),
        ("Evidence", IN_WORDS[Strength(claim.strength)]),
    ]
    if claim.decided_at:
        facts.append(("Ended", to_the_minute(claim.decided_at)))
    if claim.is_approved:
        facts.append(("Can be reversed until", to_the_minute(claim.reversible_until)))
    said = Entry("What the claimant says", claim.statement)
    return Panel("The claim", facts, entries=[said], place=page_of(here))


def evidence(claim: AccessClaim, by: User) -> Panel:
    rows = claim.evidence.order_by("-at")[:SHOWN]
    empty = "Nothing was found yet."
    return Panel("Evidence", entries=[_evidence(each) for each in rows], empty=empty)


def objections(claim: AccessClaim, by: User) -> Panel:
    rows = claim.objections.select_related("answer").order_by("at")[:SHOWN]
    return Panel("Objections", entries=[_objection(each) for each in rows], empty="Nobody objects.")


def conversation(claim: AccessClaim, by: User) -> Panel:
    rows = claim.messages.select_related("by").order_by("-at")[:SHOWN]
    entries = [
        Entry(
            "Support asks" if each.from_support else "The claimant answers",
            each.text,
            _signed(each.at, each.by.email if each.by else ""),
        )
        for each in reversed(rows)
    ]
    return Panel("Questions and answers", entries=entries, empty="Nothing was asked.")


def notes(claim: AccessClaim, by: User) -> Panel | None:
    """Never the claimant's to read, also where that is one of us."""
    if claim.user_id == by.pk:
        return None
    rows = claim.notes.order_by("at")[:SHOWN]
    entries = [Entry(each.by_email, each.text, _signed(each.at)) for each in rows]
    return Panel("Notes, for support alone", entries=entries, empty="There are none.")


def decisions(claim: AccessClaim, by: User) -> Panel:
    rows = claim.decisions.order_by("at")[:SHOWN]
    empty = "Nobody decided anything yet."
    return Panel("Decisions", entries=[_decision(each, claim) for each in rows], empty=empty)


def history(claim: AccessClaim, by: User) -> Panel:
    """Each step, the newest first, with who and when."""
    events = AuditEvent.objects.filter(
        organization=claim.organization_id,
        action__in=Family.CLAIM.actions,
        data__claim_id=str(claim.pk),
    )
    entries = [_event(each) for each in events.order_by("-at", "-id")[:SHOWN]]
    place = list_of(AuditEvent, f"?q={claim.organization.key}")
    return Panel("History", entries=entries, place=place)


def claimant(claim: AccessClaim, by: User) -> Panel:
    user = claim.user
    addresses = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True)
    facts = [
        ("E-mail", f"{user.email}, {'verified' if addresses.exists() else 'not verified'}"),
        ("Name", user.get_full_name() or "–"),
        ("Joined", to_the_minute(user.date_joined)),
        ("Last sign-in", to_the_minute(user.last_login)),
        ("May sign in", "yes" if user.is_active else "no"),
    ]
    return Panel("Claimant", facts, place=page_of(user))


def owners(claim: AccessClaim, by: User) -> Panel:
    known = owners_of(claim.organization_id)
    rows = known.order_by(F("last_login").desc(nulls_last=True), "email")[:SHOWN]
    columns = ["Owner", "last sign-in", "that was ago"]
    table = table_of("Who signed in last comes first", columns, rows, _owner)
    return Panel("Owners", [("How many", f"{known.count():,}")], tables=[table])


def contacts(claim: AccessClaim, by: User) -> Panel:
    told = ", ".join(contacts_of(claim)) or "nobody"
    recovery = claim.organization.recovery_email or "–"
    facts = [("Recovery contact", recovery), ("Told besides its owners", told)]
    return Panel("Contacts", facts)


def payer(claim: AccessClaim, by: User) -> Panel:
    panel: Panel = import_string(settings.CLAIM_PAYER)(claim.organization)
    return panel


def binding(claim: AccessClaim, by: User) -> Panel:
    return of_bindings.binding(claim.organization)


def letters(claim: AccessClaim, by: User) -> Panel:
    written = claim.letters.defer("text").order_by("-written_at")[:SHOWN]
    noticed = Notification.objects.filter(
        subject=str(claim.pk), kind__in=("claim_opened", "claim_decided")
    )
    noticed = noticed.select_related("user").order_by("-created_at")[:SHOWN]
    columns = ["To", "what", "mailed"]
    tables = [
        Table("Letters", "", columns, [_letter(each) for each in written]),
        table_of("Notices to owners", columns, noticed, _notice),
    ]
    return Panel("Told", tables=tables)


def similar(claim: AccessClaim, by: User) -> Panel:
    """Other claims that may have to do with this one."""
    known = AccessClaim.objects.exclude(pk=claim.pk).defer("secret", "nonce", "statement")
    known = known.select_related("user", "organization").order_by(*NEWEST_FIRST)
    tables = [
        _claims("On the same organization", known.filter(organization=claim.organization_id)),
        _claims("By the same claimant", known.filter(user=claim.user_id)),
    ]
    if domain := work_domain(claim.user.email):
        of_domain = User.objects.filter(email__endswith=f"@{domain}").exclude(pk=claim.user_id)
        tables.append(_claims(f"By others at {domain}", known.filter(user__in=of_domain)))
    found = [table for table in tables if table.rows]
    return Panel("Similar claims", tables=found, empty="There are none.")


def claims(organization: Organization) -> Panel:
    """On the page of an organization."""
    known = organization.claims.defer("secret", "nonce", "statement")
    rows = known.select_related("user", "organization").order_by(*NEWEST_FIRST)
    place = list_of(AccessClaim, f"?q={organization.key}")
    return Panel("Lost access", tables=[_claims("Claims", rows, place=place)])


def _claims(title: str, rows: QuerySet[AccessClaim], *, place: str = "") -> Table:
    columns = ["Claimant", "organization", "state", "evidence", "claimed"]
    return table_of(title, columns, rows[:SIMILAR_SHOWN], _claim, place=place)


def _claim(claim: AccessClaim) -> list[str]:
    return [
        claim.user.email,
        claim.organization.key,
        claim.get_state_display(),
        IN_WORDS[Strength(claim.strength)],
        to_the_minute(claim.opened_at),
    ]


def _approvals(claim: AccessClaim) -> str:
    people = (claim.approved_by_first, claim.approved_by_second)
    return ", ".join(each.email for each in people if each) or "nobody"


def _evidence(row: Evidence) -> Entry:
    strength = Strength(row.weight)
    facts = "; ".join(f"{FACTS.get(name, name)}: {said}" for name, said in row.facts.items())
    text = WORDS[row.outcome][1] + (f"\n{facts}" if facts else "")
    word = "counts nothing" if strength == Strength.NONE else IN_WORDS[strength]
    return Entry(row.get_kind_display(), text, _signed(row.at), MARKS[strength], word)


def _objection(row: Objection) -> Entry:
    answer = getattr(row, "answer", None)
    said = [row.reason or "Without a reason."]
    if answer:
        said.append(f"Answered {_signed(answer.at, answer.by_email)}: {answer.reason}")
    mark, word = ("pass", "answered") if answer else ("fail", "open")
    who = f"{row.get_who_display()}: {row.by_email}" if row.by_email else row.get_who_display()
    return Entry(who, "\n\n".join(said), _signed(row.at), mark, word)


def _decision(row: Decision, claim: AccessClaim) -> Entry:
    """An approval from before an objection counts no more."""
    is_void = row.kind == Decision.Kind.APPROVE and row.round != claim.round
    title = row.get_kind_display() + (", before an objection: it counts no more" if is_void else "")
    return Entry(title, row.reason, _signed(row.at, row.by_email))


def _event(row: AuditEvent) -> Entry:
    facts = "; ".join(f"{label}: {value}" for label, value in row.facts)
    return Entry(row.title, facts, _signed(row.at, row.who))


def _owner(user: User) -> list[str]:
    return [user.email, to_the_minute(user.last_login), _away(user)]


def _away(user: User) -> str:
    """Who never signed in came when they signed up."""
    away: timedelta = timezone.now() - (user.last_login or user.date_joined)
    return f"{away.days} days" + (": dormant" if away > ABSENT_FOR else "")


def _letter(row: ClaimLetter) -> tuple[str, list[str]]:
    if row.given_up_at:
        return "", [row.to, row.title, f"no: given up {to_the_minute(row.given_up_at)}"]
    return "", [row.to, row.title, _mailed(row.mailed_at, row.written_at)]


def _notice(row: Notification) -> list[str]:
    return [row.user.email, row.title, _mailed(row.mailed_at, row.created_at)]


def _mailed(mailed_at: datetime | None, written_at: datetime) -> str:
    if mailed_at:
        return to_the_minute(mailed_at)
    return f"not yet: written {to_the_minute(written_at)}"


def _signed(at: datetime, who: str = "") -> str:
    return f"{to_the_minute(at)} by {who}" if who else to_the_minute(at)


Column = list[tuple[Callable[[AccessClaim, User], Panel | None], str]]
SEEN = "claims.view_accessclaim"
# What it is about, and beside it whom and what one has to know for that; each with what it needs.
COLUMNS: list[Column] = [
    [
        (conditions, SEEN),
        (claimed, SEEN),
        (evidence, SEEN),
        (objections, SEEN),
        (conversation, SEEN),
        (notes, SEEN),
        (decisions, SEEN),
        (history, "organizations.view_auditevent"),
    ],
    [
        (claimant, "accounts.view_user"),
        (owners, "accounts.view_user"),
        (contacts, SEEN),
        (payer, "billing.view_billingaccount"),
        (binding, "bindings.view_devopsbinding"),
        (letters, "accounts.view_notification"),
        (similar, SEEN),
    ],
]


def columns_of(claim: AccessClaim, by: User) -> list[list[Panel]]:
    """What somebody at the desk may see of it."""
    return [
        [panel for build, needs in column if by.has_perm(needs) and (panel := build(claim, by))]
        for column in COLUMNS
    ]
