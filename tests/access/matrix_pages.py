"""Every page, and what each of the seven gets there. A page without a row fails, and so does a row
without a page.
"""

from dataclasses import dataclass, field

from tests.access.people import AGAIN, AWAY, CREATORS, FROM_THE_START, IN, OWNERS, SIGN_IN

# fmt: off
#                 anonymous       stranger member   owner  neighbour support superuser
EVERYBODY =      (IN,             IN,      IN,       IN,    IN,      IN,      IN)
SIGNED_IN =      (SIGN_IN,        IN,      IN,       IN,    IN,      IN,      IN)
SIGNED_OUT =     (IN,             AWAY,    AWAY,     AWAY,  AWAY,    AWAY,    AWAY)
LEAVING =        (AWAY,           IN,      IN,       IN,    IN,      IN,      IN)
LEAD_ON =        (SIGN_IN,        AWAY,    AWAY,     AWAY,  AWAY,    AWAY,    AWAY)
HALFWAY =        (FROM_THE_START, AWAY,    AWAY,     AWAY,  AWAY,    AWAY,    AWAY)
TYPED_PASSWORD = (SIGN_IN,        AGAIN,   AGAIN,    AGAIN, AGAIN,   AGAIN,   AGAIN)
OF_MEMBERS =     (SIGN_IN,        404,     IN,       IN,    404,     404,     404)
OF_OWNERS =      (SIGN_IN,        404,     OWNERS,   IN,    404,     404,     404)
OF_CREATORS =    (SIGN_IN,        404,     CREATORS, IN,    404,     404,     404)
# One person's alone: here it is the owner's.
OF_ONE =         (SIGN_IN,        404,     404,      IN,    404,     404,     404)
# Of the one who is invited, comes from the checkout or has a second factor: none of the seven.
OF_ANOTHER =     (SIGN_IN,        404,     404,      404,   404,     404,     404)
# Whoever belongs already has nothing to accept.
INVITED =        (IN,             IN,      AWAY,     AWAY,  IN,      IN,      IN)
ACCEPTING =      (FROM_THE_START, IN,      AWAY,     AWAY,  IN,      IN,      IN)
NOT_TO_LOOK_AT = (SIGN_IN,        405,     405,      405,   405,     405,     405)
NOT_TO_SEND =    (405,            405,     405,      405,   405,     405,     405)
NOT_SIGNED =     (400,            400,     400,      400,   400,     400,     400)
# fmt: on


@dataclass(frozen=True)
class Page:
    """Who gets what for looking and for acting; `where` says which things it is about, if not the
    harbour's own. Where nobody can act, a form that is sent is one more look.
    """

    look: tuple
    act: tuple
    where: dict = field(default_factory=dict)
    is_seen_only: bool = False


def seen(look, **where):
    return Page(look, look, where, is_seen_only=True)


def form(look, act=None, **where):
    return Page(look, act or look, where)


def deed(act, **where):
    return Page(NOT_TO_LOOK_AT, act, where)


def leads_on(look):
    """Who gets in is led on to another page."""
    return tuple(AWAY if each == IN else each for each in look)


PAGES = {
    "home": seen(EVERYBODY),
    "healthz": seen(EVERYBODY),
    "rules": seen(EVERYBODY),
    "plans": seen(EVERYBODY),
    # Who has the address has the key.
    "calendar": seen(EVERYBODY),
    "onboarding:start": form(SIGNED_IN),
    "onboarding:key-check": seen(SIGNED_IN),
    "onboarding:import": seen(OF_ONE),
    "onboarding:token": form(leads_on(OF_ONE)),
    "onboarding:again": deed(OF_ONE),
    "onboarding:abandon": deed(OF_ONE),
    "onboarding:details": form(OF_ONE),
    "onboarding:avatar": seen(OF_ONE),
    "onboarding:estimate": form(leads_on(OF_ONE)),
    "onboarding:plan": form(OF_ONE),
    "onboarding:create": form(OF_ONE),
    "onboarding:payment": form(leads_on(OF_ONE)),
    "onboarding:reopen": deed(OF_ONE),
    "onboarding:paid": seen(OF_ANOTHER),
    "onboarding:join": form(leads_on(OF_ONE)),
    "onboarding:claim": form(OF_ONE),
    "organizations:new": seen(SIGNED_IN),
    "organizations:switcher": seen(SIGNED_IN),
    "organizations:detail": seen(OF_MEMBERS),
    "organizations:avatar": seen(OF_MEMBERS),
    "organizations:members": seen(OF_MEMBERS),
    "organizations:leave": form(OF_MEMBERS),
    "organizations:invite": form(OF_OWNERS),
    "organizations:member": form(OF_OWNERS),
    "organizations:promote": deed(OF_OWNERS),
    "organizations:demote": deed(OF_OWNERS),
    "organizations:remove-member": deed(OF_OWNERS),
    "organizations:resend-invitation": deed(OF_OWNERS),
    "organizations:revoke-invitation": deed(OF_OWNERS),
    "organizations:approve-request": deed(OF_OWNERS),
    "organizations:decline-request": deed(OF_OWNERS),
    "organizations:settings": form(OF_OWNERS),
    "organizations:key": form(OF_OWNERS),
    "organizations:recovery": form(OF_OWNERS),
    "organizations:remove-avatar": deed(OF_OWNERS),
    "organizations:delete": form(OF_OWNERS),
    # To its members it is gone by then.
    "organizations:restore": form(OF_ONE, key="leaving"),
    "organizations:audit": seen(OF_OWNERS),
    "organizations:audit-csv": seen(OF_OWNERS),
    "organizations:audit-jsonl": seen(OF_OWNERS),
    "people:invited": form(OF_ANOTHER),
    "people:invitation": form(INVITED, ACCEPTING),
    "people:withdraw-request": deed(OF_ONE, request_id="own_request_id"),
    "bindings:detail": seen(OF_MEMBERS),
    "bindings:history": seen(OF_MEMBERS),
    "bindings:repositories": seen(OF_MEMBERS),
    "bindings:calendar": form(OF_MEMBERS),
    "bindings:replace": form(OF_OWNERS),
    "bindings:name": form(OF_OWNERS),
    "bindings:expiry": form(OF_OWNERS),
    "bindings:check": deed(OF_OWNERS),
    "bindings:accept": deed(OF_OWNERS),
    "bindings:use-standby": deed(OF_OWNERS),
    "bindings:undo": deed(OF_OWNERS),
    "bindings:discard": deed(OF_OWNERS),
    "projects:lines": seen(OF_MEMBERS),
    "projects:count": deed(OF_OWNERS),
    "projects:estimate": form(OF_MEMBERS, OF_OWNERS),
    "projects:repository-lines": form(OF_MEMBERS, OF_OWNERS),
    "projects:list": seen(OF_MEMBERS),
    "projects:detail": seen(OF_MEMBERS),
    "projects:add": form(OF_CREATORS),
    "projects:names": form(leads_on(OF_CREATORS)),
    "projects:new": form(OF_CREATORS),
    "projects:count-one": deed(OF_OWNERS),
    "projects:settings": form(OF_OWNERS),
    "projects:token": form(OF_OWNERS),
    "projects:remove-token": deed(OF_OWNERS),
    "projects:delete": form(OF_OWNERS),
    "billing:detail": seen(OF_MEMBERS),
    "billing:limit": seen(OF_MEMBERS),
    "billing:limit-notices": form(OF_OWNERS),
    "billing:paid": form(leads_on(OF_OWNERS)),
    "billing:change": form(OF_OWNERS),
    "billing:accept": deed(OF_OWNERS),
    "billing:later": deed(OF_OWNERS),
    "billing:undo": deed(OF_OWNERS),
    "billing:cancel": form(OF_OWNERS),
    "billing:resume": deed(OF_OWNERS),
    "billing:details": form(OF_OWNERS),
    "billing:remove-tax-id": deed(OF_OWNERS),
    "billing:portal": deed(OF_OWNERS),
    "billing:invoice": form(leads_on(OF_OWNERS)),
    "billing:pay": form(leads_on(OF_OWNERS)),
    "organization-claims:list": seen(OF_OWNERS),
    "organization-claims:object": deed(OF_OWNERS, claim_id="their_claim_id"),
    "claims:list": seen(SIGNED_IN),
    "claims:new": form(SIGNED_IN),
    "claims:detail": seen(OF_ONE),
    "claims:paste": deed(OF_ONE),
    "claims:look": deed(OF_ONE),
    "claims:answer": deed(OF_ONE),
    "claims:withdraw": deed(OF_ONE),
    # Who has the address has the key.
    "claims:objection": form(EVERYBODY, signed="objection"),
    "accounts:settings": seen(SIGNED_IN),
    "accounts:notifications": form(SIGNED_IN),
    "accounts:api-tokens": form(SIGNED_IN),
    "accounts:revoke-api-token": deed(OF_ONE),
    "accounts:data": form(TYPED_PASSWORD),
    "accounts:download-data": form(TYPED_PASSWORD),
    "accounts:delete-account": form(TYPED_PASSWORD),
    "notifications:list": seen(SIGNED_IN),
    "notifications:read-all": deed(SIGNED_IN),
    "notifications:open": deed(OF_ONE),
    "stripe:webhook": Page(NOT_TO_SEND, NOT_SIGNED),
    "stripe:health": seen(EVERYBODY),
    # What sign-in brings along.
    "account_login": form(SIGNED_OUT),
    "account_signup": form(SIGNED_OUT),
    "account_logout": form(LEAVING, leads_on(EVERYBODY)),
    "account_inactive": Page(EVERYBODY, NOT_TO_SEND),
    "account_reset_password": form(EVERYBODY),
    "account_reset_password_done": Page(EVERYBODY, NOT_TO_SEND),
    "account_reset_password_from_key": form(EVERYBODY, uidb36="1", key="nothing"),
    "account_reset_password_from_key_done": Page(EVERYBODY, NOT_TO_SEND),
    "account_email_verification_sent": form(HALFWAY),
    "account_confirm_login_code": form(HALFWAY),
    "mfa_authenticate": form(HALFWAY),
    "mfa_login_webauthn": form(HALFWAY),
    "account_reauthenticate": form(SIGNED_IN),
    "account_email": form(SIGNED_IN),
    "account_change_password": form(SIGNED_IN),
    "account_set_password": form(LEAD_ON),
    "mfa_index": Page(SIGNED_IN, NOT_TO_LOOK_AT),
    "mfa_reauthenticate": form(TYPED_PASSWORD),
    "mfa_activate_totp": form(TYPED_PASSWORD),
    "mfa_deactivate_totp": form(OF_ANOTHER),
    "mfa_view_recovery_codes": Page(OF_ANOTHER, NOT_TO_LOOK_AT),
    "mfa_download_recovery_codes": form(OF_ANOTHER),
    "mfa_generate_recovery_codes": form(TYPED_PASSWORD),
    "mfa_list_webauthn": Page(SIGNED_IN, NOT_TO_LOOK_AT),
    "mfa_add_webauthn": form(TYPED_PASSWORD),
    "mfa_reauthenticate_webauthn": form(TYPED_PASSWORD),
    "mfa_remove_webauthn": form(TYPED_PASSWORD, pk=1),
    "mfa_edit_webauthn": form(TYPED_PASSWORD, pk=1),
}
