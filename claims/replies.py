"""Texts to begin with, filled in for a claim."""

from django.db.models import QuerySet

from claims.models import AccessClaim, ReplyTemplate


def of(act: str) -> QuerySet[ReplyTemplate]:
    """Those for an act, by its name."""
    return ReplyTemplate.objects.filter(about=act).order_by("title")


def filled(template: ReplyTemplate, claim: AccessClaim) -> str:
    """Of the organization only what the claimant calls it: they learn nothing of ours from us."""
    text = template.text.replace("{claimant}", claim.user.display_name)
    return text.replace("{organization}", claim.external_name)
