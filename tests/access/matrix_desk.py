"""Every page of the support desk, and what each gets there. Rows go by the last word of a page's
name, so that a new list needs none; a page that differs from others of its word has its whole name.
"""

from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from accounts.models import User
from tests.access.matrix_pages import Page
from tests.access.people import AT_THE_DOOR as DOOR
from tests.access.people import AWAY, IN, KINDS, MORE_STAFF, SIGN_IN
from tests.access.people import FROM_THE_START as START

DESK_KINDS = (*KINDS, *MORE_STAFF)

# fmt: off
#           anonymous strange member owner neighb. support superuser onlooker staff
LOOKING =  (SIGN_IN,  DOOR,   DOOR,  DOOR, DOOR,   IN,     IN,       IN,      403)
ACTING =   (SIGN_IN,  DOOR,   DOOR,  DOOR, DOOR,   IN,     IN,       403,     403)
NOBODY =   (SIGN_IN,  DOOR,   DOOR,  DOOR, DOOR,   403,    403,      403,     403)
WRITING =  (SIGN_IN,  DOOR,   DOOR,  DOOR, DOOR,   403,    IN,       403,     403)
LED_ON =   (SIGN_IN,  DOOR,   DOOR,  DOOR, DOOR,   AWAY,   AWAY,     AWAY,    AWAY)
# Pages of no list. The door leads to sign-in, and lets in nobody who is no staff.
ALL =      (DOOR,     DOOR,   DOOR,  DOOR, DOOR,   IN,     IN,       IN,      IN)
LISTS =    (DOOR,     DOOR,   DOOR,  DOOR, DOOR,   IN,     IN,       IN,      404)
NOTHING =  (DOOR,     DOOR,   DOOR,  DOOR, DOOR,   404,    404,      404,     404)
NO_LIST =  (DOOR,     DOOR,   DOOR,  DOOR, DOOR,   403,    403,      403,     403)
UNSENT =   (DOOR,     DOOR,   DOOR,  DOOR, DOOR,   405,    405,      405,     405)
ENTERING = (START,    403,    403,   403,  403,    AWAY,   AWAY,     AWAY,    AWAY)
TRYING =   (START,    403,    403,   403,  403,    IN,     IN,       IN,      IN)
LEAVING =  (DOOR,     AWAY,   AWAY,  AWAY, AWAY,   405,    405,      405,     405)
LEFT =     (DOOR,     IN,     IN,    IN,   IN,     IN,     IN,       IN,      IN)
# fmt: on

DESK = {
    "index": Page(ALL, ALL),
    "login": Page(ENTERING, TRYING),
    "logout": Page(LEAVING, LEFT),
    "password_change": Page(ALL, ALL),
    "password_change_done": Page(ALL, UNSENT),
    "autocomplete": Page(NO_LIST, UNSENT),
    "jsi18n": Page(ALL, UNSENT),
    "view_on_site": Page(NOTHING, NOTHING),
    "app_list": Page(LISTS, LISTS),
    "catch_all": Page(NOTHING, NOTHING),
    "changelist": Page(LOOKING, LOOKING, is_seen_only=True),
    "change": Page(LOOKING, NOBODY),
    "history": Page(LOOKING, LOOKING),
    "add": Page(NOBODY, NOBODY),
    "delete": Page(NOBODY, NOBODY),
    "short": Page(LED_ON, LED_ON),
    "act": Page(ACTING, ACTING),
    "billing_billingaccount_alarms": Page(LOOKING, LOOKING, is_seen_only=True),
    "billing_billingaccount_attach": Page(ACTING, ACTING),
    "claims_replytemplate_add": Page(WRITING, WRITING),
    "claims_replytemplate_change": Page(LOOKING, WRITING),
    "claims_replytemplate_delete": Page(WRITING, WRITING),
}


def places(rows):
    """Word and address of every page there is: of all, and of one row of each list."""
    known = {"app_label": "billing", "object_id": rows["accounts/user"].pk}
    known["content_type_id"] = ContentType.objects.get_for_model(User).pk
    for pattern in admin.site.get_urls():
        if getattr(pattern, "name", None):
            parts = {part: known[part] for part in pattern.pattern.regex.groupindex}
            yield pattern.name, reverse(f"admin:{pattern.name}", kwargs=parts)
    yield "catch_all", "/admin/nothing/"
    for model, desk in admin.site._registry.items():
        place = model._meta.label_lower.replace(".", "/")
        for pattern in desk.get_urls():
            route = f"/admin/{place}/{pattern.pattern}"
            for act in desk.acts if "<slug:name>" in route else [None]:
                address = route.replace("<path:object_id>", str(rows[place].pk))
                yield _word(pattern, place), address.replace("<slug:name>", act.name if act else "")


def _word(pattern, place):
    name = pattern.name or "short"
    return name if name in DESK else name.removeprefix(f"{place.replace('/', '_')}_")
