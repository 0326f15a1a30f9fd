"""No mail and no error report carries a credential, whoever wrote it."""

import pytest
from django.core import mail
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection, send_mail
from django.core.mail.backends import console, locmem
from django.test import RequestFactory
from django.views.debug import technical_500_response

from core.mail import RedactingBackend
from core.redaction import remember
from tests.tokens import letters, make_token

LINK = "https://mooring.example.com/account/password/reset/key/4x7-quiet-harbour/"


@pytest.fixture(params=[make_token, lambda: f"Q{letters(82)}7"], ids=["usual", "unusual"])
def secret(request):
    secret = request.param()
    remember(secret)
    return secret


def test_subject_text_and_html_are_redacted(mailoutbox, secret):
    send_mail(
        f"Token {secret} expires",
        f"It is {secret}, or https://x:{secret}@dev.azure.com.",
        "mooring@example.com",
        ["alice@example.com"],
        html_message=f"<p>It is <b>{secret}</b>.</p>",
    )

    [sent] = mailoutbox
    assert secret not in sent.message().as_string()
    assert sent.subject == "Token [redacted] expires"
    assert sent.body == "It is [redacted], or https://[redacted]@dev.azure.com."
    assert sent.alternatives[0].content == "<p>It is <b>[redacted]</b>.</p>"
    assert sent.alternatives[0].mimetype == "text/html"


def test_a_link_that_proves_something_stays(mailoutbox):
    send_mail("Reset", f"Open {LINK}", "mooring@example.com", ["alice@example.com"])

    assert mailoutbox[0].body == f"Open {LINK}"


def test_every_one_of_several_mails_is_redacted(mailoutbox, secret):
    mails = [EmailMessage(f"{n} {secret}", secret, to=["alice@example.com"]) for n in range(3)]

    assert get_connection().send_messages(mails) == 3

    assert [sent.subject for sent in mailoutbox] == [f"{n} [redacted]" for n in range(3)]


def test_the_message_of_the_caller_is_left_alone(mailoutbox, secret):
    message = EmailMultiAlternatives("A", secret, to=["alice@example.com"])
    message.attach_alternative(secret, "text/html")
    message.attach("crane.txt", "as it is", "text/plain")

    message.send()

    assert (message.body, message.alternatives[0].content) == (secret, secret)
    assert mailoutbox[0].attachments == message.attachments


def test_it_opens_the_backend_that_delivers(settings):
    assert isinstance(get_connection()._delivery, locmem.EmailBackend)
    settings.EMAIL_DELIVERY_BACKEND = "django.core.mail.backends.console.EmailBackend"

    backend = RedactingBackend(fail_silently=True)

    assert isinstance(backend._delivery, console.EmailBackend)
    assert backend._delivery.fail_silently and backend.fail_silently


def test_what_goes_to_a_server_is_opened_once_and_closed(settings, tmp_path, secret):
    settings.EMAIL_DELIVERY_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    with get_connection() as connection:
        for _ in range(2):
            EmailMessage("A", secret, to=["alice@example.com"], connection=connection).send()

    [written] = tmp_path.iterdir()
    assert written.read_text().count("[redacted]") == 2
    assert secret not in written.read_text()


def test_product_mails_pass_it():
    assert isinstance(get_connection(), RedactingBackend)
    assert mail.outbox == []


def broken(secret):
    raise RuntimeError(f"broken with {secret}")


@pytest.mark.parametrize("accept", ["text/html", "text/plain"])
def test_an_error_report_shows_no_secret_that_a_variable_held(settings, secret, accept):
    settings.DEBUG = True
    request = RequestFactory().get("/", headers={"accept": accept})
    try:
        broken(secret)
    except RuntimeError as error:
        page = technical_500_response(request, type(error), error, error.__traceback__).text

    assert "broken with [redacted]" in page
    assert secret not in page and secret[:40] not in page
