"""Outlives whoever started it by a moment, to end what that one left running.

Reads `+7` and `-7` from standard input: process group 7 was started, or has ended. The
end of the input means that the starter is gone, however it went.
"""

import os
import signal
import sys
import time
from contextlib import suppress

_PATIENCE = 3.0


def main() -> None:
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        (groups.add if line[0] == "+" else groups.discard)(group)
    if groups:
        _signal(groups, signal.SIGTERM)
        time.sleep(_PATIENCE)
        _signal(groups, signal.SIGKILL)


def _signal(groups: set[int], number: int) -> None:
    for group in groups:
        with suppress(ProcessLookupError):
            os.killpg(group, number)


if __name__ == "__main__":
    main()
