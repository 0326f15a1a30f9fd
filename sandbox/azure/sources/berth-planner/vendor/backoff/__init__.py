"""backoff 0.3: waits a little longer each time. Copied here; do not change."""

import random
import time


def waits(first=0.5, factor=2.0, longest=60.0):
    wait = first
    while True:
        yield min(longest, wait) * random.uniform(0.5, 1.0)
        wait *= factor


def retry(call, times=5, on=(OSError,), sleep=time.sleep):
    for left, wait in zip(range(times, 0, -1), waits()):
        try:
            return call()
        except on:
            if left == 1:
                raise
            sleep(wait)
