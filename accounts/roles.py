"""The role of support: who may look at the desk, and who may act there.

Two groups of Django's hold the permissions. They are made to fit what the desk shows at every
`migrate`, so that a new list needs nobody's doing.
"""

from typing import Any

import structlog
from django.apps import AppConfig
from django.apps.registry import Apps
from django.apps.registry import apps as installed
from django.contrib import admin
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from core.admin import ActingAdmin, SupportAdmin

LOOKS, ACTS = "Support", "Support: act"

logger = structlog.get_logger(__name__)


@transaction.atomic
def make_support(user: User, *, may_act: bool) -> None:
    """Let somebody look at the desk, and act there only if that is said. Twice changes nothing."""
    looks, acts = Group.objects.get(name=LOOKS), Group.objects.get(name=ACTS)
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    user.groups.add(looks)
    if may_act:
        user.groups.add(acts)
    else:
        user.groups.remove(acts)
    logger.info("made_support", user=str(user.pk), may_act=may_act)


@transaction.atomic
def end_support(user: User) -> None:
    """Take the desk away from somebody, whatever opened it. It is shut from their next click on."""
    user.is_staff = user.is_superuser = False
    user.save(update_fields=["is_staff", "is_superuser"])
    user.groups.remove(*Group.objects.filter(name__in=(LOOKS, ACTS)))
    logger.info("ended_support", user=str(user.pk))


def acting() -> QuerySet[User]:
    """Who may act at the desk."""
    of_group = User.groups.through.objects.filter(user=OuterRef("pk"), group__name=ACTS)
    may = Q(is_superuser=True) | Q(Exists(of_group))
    return User.objects.filter(may, is_staff=True, is_active=True).order_by("email")


def fill_groups(app_config: AppConfig, using: str, apps: Apps = installed, **signal: Any) -> None:
    """Give both groups what an app of ours shows at the desk. After `migrate`, for each app."""
    shown = _shown_of(app_config.label)
    try:
        groups = apps.get_model("auth", "Group").objects.using(using)
        permissions = apps.get_model("auth", "Permission").objects.using(using)
    except LookupError:  # migrated to before there were any
        return
    if not shown:
        return
    create_permissions(app_config, verbosity=0, using=using, apps=apps)
    known = permissions.filter(content_type__app_label=app_config.label)
    acted_on = [name for name, is_acted_on in shown.items() if is_acted_on]
    for group, act, names in ((LOOKS, "view", list(shown)), (ACTS, "change", acted_on)):
        row, _ = groups.get_or_create(name=group)
        row.permissions.add(*known.filter(codename__in=[f"{act}_{name}" for name in names]))


def _shown_of(label: str) -> dict[str, bool]:
    """Each model of an app that the desk shows, and whether it may be acted on."""
    admins = [each for each in admin.site._registry.values() if isinstance(each, SupportAdmin)]
    return {
        str(each.opts.model_name): isinstance(each, ActingAdmin)
        for each in admins
        if each.opts.app_label == label
    }
