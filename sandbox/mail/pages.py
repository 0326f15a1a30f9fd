"""Mail that was sent, in the browser."""

import re
from pathlib import Path

from flask import Blueprint, Response, abort, redirect, render_template
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as AnyResponse

from .mailbox import Mail, Mailbox

_HERE = Path(__file__).parent
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
# A mail may carry anything. Nothing in it runs or loads, and its links open elsewhere.
_BODY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def create_mail_pages(mailbox: Mailbox) -> Blueprint:
    pages = Blueprint(
        "mail",
        __name__,
        url_prefix="/mail",
        template_folder=str(_HERE / "templates"),
        static_folder=str(_HERE / "static"),
        static_url_path="/static",
    )

    @pages.get("/")
    def inbox() -> Response:
        return _page("mail/inbox.html", mails=mailbox.newest_first())

    @pages.get("/<int:mail_id>")
    def message(mail_id: int) -> Response:
        mail = _mail_or_404(mailbox, mail_id)
        return _page("mail/message.html", mail=mail, text=with_links(mail.text))

    @pages.get("/<int:mail_id>/html")
    def html(mail_id: int) -> Response:
        body = '<base target="_blank">' + _mail_or_404(mailbox, mail_id).html
        answer = Response(body, content_type="text/html; charset=utf-8")
        answer.headers["Content-Security-Policy"] = _BODY_POLICY
        return answer

    @pages.post("/clear")
    def clear() -> AnyResponse:
        mailbox.clear()
        return redirect("/mail/", 303)

    return pages


def with_links(text: str) -> Markup:
    """The text, escaped, with each http(s) address made a link. Closing dots stay outside."""
    pieces, end = [], 0
    for match in _LINK.finditer(text):
        address = escape(match[0])
        pieces.append(escape(text[end : match.start()]))
        pieces.append(Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(address))
        end = match.end()
    return Markup("").join([*pieces, escape(text[end:])])


def _page(template: str, **values: object) -> Response:
    answer = Response(render_template(template, **values), content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = _PAGE_POLICY
    return answer


def _mail_or_404(mailbox: Mailbox, mail_id: int) -> Mail:
    mail = mailbox.get(mail_id)
    if mail is None:
        abort(404)
    return mail
