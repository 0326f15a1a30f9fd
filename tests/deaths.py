"""Processes that die at one moment after the other, and what looks after them then."""

from contextlib import contextmanager
from datetime import timedelta
from itertools import count

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from requests.adapters import HTTPAdapter

from billing.tasks import sweep_events, sweep_operations
from onboarding.tasks import sweep_imports


class Killed(BaseException):
    """Not even a bug is caught any more."""


class Death:
    """Comes before the trace of that number, and after it none is left: nothing is written any
    more, and nothing sent.
    """

    def __init__(self, traces):
        self.traces, self.left, self.has_come = traces, 0, False

    def step(self, *, leaves_a_trace):
        if not self.has_come and leaves_a_trace:
            self.has_come = self.left == self.traces
            self.left += 1
        if self.has_come:
            raise Killed

    def __call__(self, execute, sql, params, many, context):
        verb = sql.lstrip().upper()
        self.step(leaves_a_trace=verb.startswith(("INSERT", "UPDATE", "DELETE")))
        return execute(sql, params, many, context)

    def send(self, adapter, request, **how):
        self.step(leaves_a_trace=request.method != "GET")
        return _send(adapter, request, **how)


_send = HTTPAdapter.send


@contextmanager
def dying(death):
    """Our process for the length of the block: what it writes, and what it asks of Stripe."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HTTPAdapter, "send", lambda *given, **how: death.send(*given, **how))
        try:
            with connection.execute_wrapper(death):
                yield
        except Killed:
            connection.close()


def deaths():
    """One for each moment, until one does not come any more."""
    for traces in count():
        death = Death(traces)
        yield death
        if not death.has_come:
            return


def look_after(minutes, *first):
    """What the scheduler does, when so much time has passed, after what is named."""
    with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
        for sweep in (*first, *(sweep_events, sweep_operations, sweep_imports) * 2):
            sweep()
