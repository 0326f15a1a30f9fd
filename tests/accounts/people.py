"""Accounts as people make and use them, through the pages they see."""

import base64
import hmac
import re
import time

from allauth.account.models import EmailAddress
from django.core import mail

PASSWORD = "a-harbour-of-her-own"
CODE = re.compile(r"^[0-9A-Z]{3,}(?:-[0-9A-Z]{3,})*$", re.MULTILINE)


def register(user):
    """Give somebody from the cast a password and an address that is known to be theirs."""
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_up(client, email, password=PASSWORD):
    typed = {"email": email, "password1": password, "password2": password}
    return client.post("/account/signup/", typed)


def sign_in(client, email, password=PASSWORD):
    return client.post("/account/login/", {"login": email, "password": password})


def is_signed_in(client):
    return client.get("/settings/").status_code == 200


def mailed_code():
    """The code in the newest mail."""
    return CODE.search(mail.outbox[-1].body)[0]


def app_code(secret, periods_ahead=0):
    """What an authenticator app shows for a secret, by RFC 6238."""
    counter = int(time.time()) // 30 + periods_ahead
    digest = hmac.digest(base64.b32decode(secret), counter.to_bytes(8, "big"), "sha1")
    start = digest[-1] & 0xF
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
