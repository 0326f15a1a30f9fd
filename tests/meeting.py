"""People who do something at the same instant."""

import threading

from django.db import connections

from core.errors import DomainError


def meet(*acts):
    """Each act on a thread of its own, all starting together. Returns how they ended: what they
    returned, the code of a refusal, or anything else as text.
    """
    barrier, ends = threading.Barrier(len(acts)), []

    def run(act):
        barrier.wait()
        try:
            ends.append(act())
        except DomainError as refusal:
            ends.append(refusal.code)
        except Exception as error:
            ends.append(repr(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends
