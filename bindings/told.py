"""What owners are told about the token of their organization, in whole sentences."""

from typing import Any
from uuid import uuid5

from django.urls import reverse
from django.utils import timezone

from accounts.kinds import Kind, Severity
from accounts.models import User
from accounts.notifications import Notice, hand_on, notify, withdraw
from bindings.models import PersonalAccessToken
from bindings.platforms import token_page
from bindings.providers.base import Verdict
from bindings.verdicts import ABOUT_THE_TOKEN, WORDS
from organizations.owners import active_owners_of

REPLACE = "Replace token"
# Where it is not the token that is refused.
TITLES = {
    Verdict.CONDITIONAL_ACCESS: "a policy of your company keeps us out",
    Verdict.ORGANIZATION_NOT_FOUND: "the organization is not found in Azure DevOps",
    Verdict.ORGANIZATION_CHANGED: "its name belongs to another organization in Azure DevOps",
    Verdict.ORGANIZATION_STOPPED: "Azure DevOps has stopped the organization",
    Verdict.TOKEN_OWNER_CHANGED: "the token speaks for another account",
}


def of_failure(token: PersonalAccessToken) -> None:
    """It was refused, twice. Once for each time that it breaks."""
    verdict, name = Verdict(token.verdict), _name(token)
    words, is_its_fault = WORDS[verdict], verdict in ABOUT_THE_TOKEN
    withdraw(Kind.TOKEN_RECOVERED, str(token.pk))
    _tell(
        token,
        kind=Kind.TOKEN_FAILING,
        severity=Severity.DANGER,
        subject=str(token.pk),
        threshold=f"{token.verdict_since:%Y-%m-%dT%H:%M:%S}",
        title=f"{name}: {TITLES.get(verdict, 'Azure DevOps refuses the token')}",
        text=f"An owner has to act now. {words.message}\n\n"
        f"{words.remedy} {_who(token) if is_its_fault else ''}".rstrip(),
        action_label=REPLACE if is_its_fault else "See the binding",
        page="replace" if is_its_fault else "detail",
    )


def of_unreadable(token: PersonalAccessToken) -> None:
    name = _name(token)
    _tell(
        token,
        kind=Kind.TOKEN_FAILING,
        severity=Severity.DANGER,
        subject=str(token.pk),
        threshold=f"{token.unreadable_since:%Y-%m-%dT%H:%M:%S}",
        title=f"{name}: our copy of the token can't be read",
        text="An owner has to act now: paste the token again, or a new one. Our encrypted copy "
        "no longer opens, so Azure DevOps can't be asked; this is a fault on our side. Should it "
        f"open again, we go on by ourselves and take this back. {_who(token)}",
        action_label=REPLACE,
    )


def of_unreadable_standby(token: PersonalAccessToken, current: PersonalAccessToken) -> None:
    _tell(
        token,
        kind=Kind.TOKEN_FAILING,
        severity=Severity.WARNING,
        subject=str(token.pk),
        threshold=f"{token.unreadable_since:%Y-%m-%dT%H:%M:%S}",
        title=f"{_name(token)}: our copy of the token that stands by can't be read",
        text=f"An owner should paste the one that ends with …{token.last_four} again, or another "
        "one. Our encrypted copy of it no longer opens, so it can't take over; this is a fault on "
        f"our side. Should it open again, we take this back. {_of_the_one_in_use(current)}",
        action_label="Leave another token",
    )


def _of_the_one_in_use(current: PersonalAccessToken) -> str:
    """For who hears of the standby: the same cause may have struck both."""
    if current.unreadable_since:
        return "Our copy of the token in use can't be read either."
    if current.suspect:
        return "The token in use is in doubt."
    if current.is_healthy:
        return "The token in use works."
    if current.words is None:
        return "The token in use is being verified."
    return f"The token in use does not work either. {current.words.message}"


def of_standby_failure(token: PersonalAccessToken, current: PersonalAccessToken) -> None:
    """The token that waits for the present one's end would be of no use then."""
    words = WORDS[Verdict(token.verdict)]
    _tell(
        token,
        kind=Kind.TOKEN_FAILING,
        severity=Severity.WARNING,
        subject=str(token.pk),
        threshold=f"{token.verdict_since:%Y-%m-%dT%H:%M:%S}",
        title=f"{_name(token)}: the token that stands by is refused",
        text="An owner should leave another one with us. The one that ends with "
        f"…{token.last_four}, which was to follow the token in use, does not work. "
        f"{words.message}\n\n{_of_the_one_in_use(current)}",
        action_label="Leave another token",
    )


def withdraw_unreadable(token: PersonalAccessToken) -> None:
    """Our copy opens again. What Azure DevOps itself refused before stays said."""
    withdraw(Kind.TOKEN_FAILING, str(token.pk), f"{token.unreadable_since:%Y-%m-%dT%H:%M:%S}")


def of_recovery(token: PersonalAccessToken) -> None:
    """It works again. Whoever was told that it does not need not act any more."""
    withdraw_failure(token)
    _tell(
        token,
        kind=Kind.TOKEN_RECOVERED,
        severity=Severity.GOOD,
        subject=str(token.pk),
        threshold=f"{token.verdict_since:%Y-%m-%dT%H:%M:%S}",
        title=f"{_name(token)}: the token works again",
        text="Nobody has to do anything. Azure DevOps accepts the token again.",
        action_label="See the binding",
        page="detail",
    )


def withdraw_failure(token: PersonalAccessToken) -> None:
    withdraw(Kind.TOKEN_FAILING, str(token.pk))


def of_replacement(new: PersonalAccessToken, *, reason: str, by: User | None) -> None:
    """Another token is in use, or the same one again."""
    name, who = _name(new), by.display_name if by else "An owner"
    why = {
        "undone": f"{who} brought the earlier one back.",
        "replaced": f"{who} replaced it.",
        "failover": "Azure DevOps refused the old one, so we switched to the one you left with us.",
        "expiry": "The old one has expired, so we switched to the one you left with us.",
        "unreadable": "Our encrypted copy of the old one no longer opens, which is a fault on our "
        "side, so we switched to the one you left with us.",
        "renamed": f"{who} gave us the new name.",
        "pasted_again": f"{who} pasted the same token again, and it works.",
    }[reason]
    is_switched = reason in ("failover", "expiry", "unreadable")
    then = (
        "Nobody has to do anything unless we write again: we check the new one now. Leave "
        "another token with us, so that there is one for the next time."
        if is_switched
        else "Nobody has to do anything."
    )
    # The same token is no older one, and one that we can't read helps nobody.
    is_kept = reason not in ("renamed", "pasted_again", "unreadable")
    back = " The old one can be brought back for 24 hours." if is_kept else ""
    _tell(
        new,
        kind=Kind.TOKEN_REPLACED,
        severity=Severity.WARNING if is_switched else Severity.INFO,
        subject=str(new.pk),
        threshold=f"{timezone.now():%Y-%m-%dT%H:%M:%S}",
        title=f"{name}: token …{new.last_four} is in use now",
        text=f"{then} {why}{back}",
        action_label="See the binding",
        page="detail",
    )


def settle(old: PersonalAccessToken, new: PersonalAccessToken) -> None:
    """Nobody has to act any more on what was said about the old one, while it has its row still.

    What is as true of the new one stays said: an end that is the same token's, and an absence.
    """
    if old.fingerprint == new.fingerprint and old.expires_on == new.expires_on:
        hand_on(Kind.TOKEN_EXPIRING, str(old.pk), to=str(new.pk))
    for kind in Kind:
        withdraw(kind, str(old.pk))
    if not absence_lasts(old, new):
        withdraw_absence(old)


def absence_lasts(old: PersonalAccessToken, new: PersonalAccessToken) -> bool:
    """Whether the new token is of the same account, which was not seen there since."""
    was, now = old.last_access_at, new.last_access_at
    return bool(was and now and now <= was) and _account(old) == _account(new)


def of_expiry(token: PersonalAccessToken, days: int) -> None:
    """`days` is the threshold that was crossed: 60, 30, 14, 7, 3, 1 or 0.

    A date that is corrected has thresholds of its own.
    """
    what = "your standby" if token.is_standby else "the token"
    _tell(
        token,
        kind=Kind.TOKEN_EXPIRING,
        severity=_severity_of(days),
        subject=str(token.pk),
        threshold=f"{days}@{token.expires_on}",
        title=f"{_name(token)}: {what} {_when(token.days_left or 0)}",
        text=f"{_urge(days)} {_by_when(token)} {_who(token)}\n\n"
        f"The date is {token.get_expiry_source_display()}. {_why_that_day(token)}",
        action_label=REPLACE,
        urgent=days <= 7,
    )


def withdraw_expiry(token: PersonalAccessToken) -> None:
    """The date was another one."""
    withdraw(Kind.TOKEN_EXPIRING, str(token.pk))


def _by_when(token: PersonalAccessToken) -> str:
    name, day = _name(token), f"{token.expires_on:%A %-d %B %Y}"
    if (token.days_left or 0) < 0:
        return (
            f"replace the token, which expired on {day}: until then {name} can't be reached and "
            "its pipelines fail."
        )
    if token.is_standby:
        return (
            f"leave another token with us by {day}: your standby …{token.last_four}, which takes "
            f"over from the token in use, ends on {day} itself. After that day {name} can't be "
            "reached and its pipelines fail."
        )
    return f"replace it by {day}: after that day {name} can't be reached and its pipelines fail."


def of_long_absence(token: PersonalAccessToken, days: int) -> None:
    """`days` is the threshold of days without a sign-in that was crossed."""
    name, account = _name(token), token.owner_name or "the token's account"
    _tell(
        token,
        kind=Kind.TOKEN_SIGN_IN,
        severity=Severity.INFO if days < 60 else Severity.WARNING,
        subject=_account(token),
        threshold=f"{token.last_access_at:%Y-%m-%d}+{days}",
        title=f"{name}: nobody has signed in as {account} for {token.days_unused} days",
        text=f"Whoever looks after {account} should sign in to Azure DevOps in a browser as that "
        f"account, before the 90 days are over. It was last seen there on "
        f"{token.last_access_at:%A %-d %B %Y}, and Azure DevOps stops the tokens of accounts that "
        "stay away for 90 days.",
        action_label="See the binding",
        page="detail",
    )


def withdraw_absence(token: PersonalAccessToken) -> None:
    """Somebody signed in with its account, or it is of no concern any more."""
    withdraw(Kind.TOKEN_SIGN_IN, _account(token))


def _account(token: PersonalAccessToken) -> str:
    """The token's account in this organization. Another token of it makes no other absence."""
    return str(uuid5(token.binding_id, token.owner_id))


def _when(left: int) -> str:
    if left < 0:
        return "has expired"
    return {0: "expires today", 1: "expires tomorrow"}.get(left, f"expires in {left} days")


def _urge(days: int) -> str:
    if days > 14:
        return "There is time: an owner should"
    if days > 3:
        return "An owner should"
    return "An owner has to act now:" if days <= 1 else "An owner has to"


def _why_that_day(token: PersonalAccessToken) -> str:
    if token.expiry_source == token.ExpirySource.RETIREMENT:
        return "Azure DevOps ends all tokens for all accessible organizations on that day."
    return "" if token.is_expiry_declared else "Look it up in Azure DevOps; it may come sooner."


def _who(token: PersonalAccessToken) -> str:
    account = token.owner_name or "the account that made the old one"
    return (
        f"Sign in to Azure DevOps as {account}, create a token in "
        f"{token.binding.external_name} and paste it here."
    )


def _name(token: PersonalAccessToken) -> str:
    return token.binding.organization.name


def _tell(token: PersonalAccessToken, *, page: str = "replace", **words: Any) -> None:
    binding = token.binding
    notice = Notice(
        action_path=reverse(f"bindings:{page}", args=[binding.organization.key]),
        link_label=f"Personal access tokens in {binding.external_name}",
        link_url=token_page(binding.external_name),
        **words,
    )
    notify(active_owners_of(binding.organization_id), notice)


def _severity_of(days: int) -> Severity:
    if days > 14:
        return Severity.INFO
    return Severity.WARNING if days > 3 else Severity.DANGER
