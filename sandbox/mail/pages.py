from flask import Blueprint

from .mailbox import Mailbox


def create_mail_pages(mailbox: Mailbox) -> Blueprint:
    return Blueprint("mail", __name__, url_prefix="/mail")
