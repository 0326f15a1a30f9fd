"""Error reports, on a page for developers or in a mail, without credentials."""

from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter

from core.redaction import redact


class RedactingReporter(ExceptionReporter):
    """Django shows what variables held, and hides only those with a telling name."""

    def get_traceback_html(self) -> SafeString:
        return SafeString(redact(super().get_traceback_html()))

    def get_traceback_text(self) -> SafeString:
        return SafeString(redact(super().get_traceback_text()))
