"""Mail that goes in by SMTP and comes out on a page."""

import smtplib
from email.message import EmailMessage

from sandbox.mail.pages import with_links


def send(sandbox, subject="Hello", text="Hello there.", html=""):
    message = EmailMessage()
    message["From"], message["To"] = "noreply@example.com", "alice@example.com"
    message["Subject"] = subject
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", sandbox.smtp_port, timeout=5) as smtp:
        smtp.send_message(message)


def test_a_mail_arrives_whole(sandbox):
    send(sandbox, "Żółć ⚓", "Grüße,\nthe office", "<p>Grüße</p>")

    [mail] = sandbox.mail
    assert (mail.subject, mail.to) == ("Żółć ⚓", ("alice@example.com",))
    assert mail.text.strip() == "Grüße,\nthe office"
    assert mail.html.strip() == "<p>Grüße</p>"
    assert dict(mail.headers)["From"] == "noreply@example.com"


def test_the_newest_mail_is_first_and_two_hundred_are_kept(sandbox):
    for number in range(205):
        sandbox._sandbox.mailbox.deliver("a@example.com", [], f"Subject: {number}\n\n".encode())

    assert len(sandbox.mail) == 200
    assert (sandbox.mail[0].subject, sandbox.mail[-1].subject) == ("204", "5")


def test_mail_is_json_for_programs(ask, sandbox):
    send(sandbox, html="<b>Hello</b>")

    [row] = ask(None, "/_sandbox/mail", headers={}).json

    assert (row["to"], row["subject"]) == (["alice@example.com"], "Hello")
    assert row["text"].strip() == "Hello there."
    ask(None, "/_sandbox/mail", method="DELETE", headers={})
    assert sandbox.mail == []


def test_mail_is_read_in_the_browser(ask, sandbox):
    send(sandbox, "Confirm", "Go to http://localhost:8000/confirm/1?a=b&c=d.", "<p>Go</p>")
    [mail] = sandbox.mail

    assert "Confirm" in ask(None, "/mail/", headers={}).text
    page = ask(None, f"/mail/{mail.id}", headers={})
    assert '<a href="http://localhost:8000/confirm/1?a=b&amp;c=d"' in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    assert ask(None, "/mail/99999", headers={}).status == 404


def test_html_mail_runs_nothing(ask, sandbox):
    send(sandbox, html="<script>alert(1)</script><p>Hi</p>")

    page = ask(None, f"/mail/{sandbox.mail[0].id}/html", headers={})

    assert "sandbox allow-popups" in page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_only_addresses_become_links():
    text = with_links('<b> https://example.com/a?x=1, (http://example.com/b) javascript:x "')

    assert str(text) == (
        '&lt;b&gt; <a href="https://example.com/a?x=1" rel="noreferrer">https://example.com/a?x=1'
        '</a>, (<a href="http://example.com/b" rel="noreferrer">http://example.com/b</a>) '
        "javascript:x &#34;"
    )
