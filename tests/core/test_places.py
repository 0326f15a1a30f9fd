"""Places of which there are only so many: held as long as the holder lives, and no longer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.cache import cache, caches

from core import places

ROOT = Path(__file__).resolve().parent.parent.parent
TWO = ["place-1", "place-2"]

# Several threads, as a worker has them, and then a child that is forked off.
FORKING = """
import os, threading
import django
django.setup()
from core import places

def renewing():
    return sum(thread.name == "places" for thread in threading.enumerate())

threads = [
    threading.Thread(target=places.take, args=([f"forked-{number}"], "parent"))
    for number in range(8)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert renewing() == 1
child = os.fork()
if not child:
    left = places._held.remove("parent"), renewing()
    places.take(["forked-child"], "child")
    os._exit(0 if (*left, renewing()) == (None, 0, 1) else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert places._held.remove("parent")
"""


@pytest.fixture
def redis():
    return caches["default"]._cache.get_client(write=True)


@pytest.fixture
def life(redis):
    """How many seconds a place lasts unless it is renewed."""
    return lambda name: redis.ttl(cache.make_key(name))


@pytest.fixture
def endless(redis):
    """Takes its end away from a place, so that one can tell when it was given one."""
    return lambda name: redis.persist(cache.make_key(name))


def test_there_are_only_so_many(life):
    assert [places.take(TWO, who) for who in "abc"] == [1, 2, 0]
    assert all(0 < life(name) <= places.LIFE for name in TWO)

    places.give_back("a")

    assert places.take(TWO, "c") == 1


def test_whoever_has_one_gets_the_same_again():
    places.take(TWO, "a")
    places.take(TWO, "b")
    places.give_back("a")

    assert places.take(TWO, "b") == 2


def test_nobody_gets_one_while_there_is_a_reason_not_to():
    cache.set("reason", 1)

    assert places.take(TWO, "a", unless=["no-reason", "reason"]) == places.HELD_BACK
    assert places.take(TWO, "a", unless=["no-reason"]) == 1


def test_what_is_held_is_renewed(life, endless):
    for number, name in enumerate(TWO, start=1):
        assert places.take(TWO, name) == number
        endless(name)

    places._held.renew()

    assert all(0 < life(name) <= places.LIFE for name in TWO)


def test_what_is_somebody_elses_by_now_is_neither_renewed_nor_given_back(life, endless):
    places.take(TWO[:1], "a")
    cache.delete(TWO[0])  # as it runs out
    places.take(TWO[:1], "b")
    places._held.remove("b")  # of another process
    endless(TWO[0])

    places._held.renew()
    places.give_back("a")

    assert life(TWO[0]) == -1


def test_what_was_given_back_does_not_come_back():
    places.take(TWO, "a")
    places.give_back("a")

    places._held.renew()

    assert places.take(TWO, "b") == 1


def test_a_thread_renews_them_by_itself(life, endless, monkeypatch):
    monkeypatch.setattr(places, "RENEWED_EVERY", 0.001)
    monkeypatch.setattr(places, "_held", places.Held())
    places.take(TWO, "a")
    endless(TWO[0])

    while life(TWO[0]) == -1:
        pass


def test_that_redis_is_away_is_logged_once(lost, settings, life, endless, caplog):
    there = settings.CACHES
    places.take(TWO, "a")
    endless(TWO[0])
    lost()
    places._held.renew()
    places._held.renew()
    settings.CACHES = there

    places._held.renew()

    assert caplog.text.count("places_not_renewed") == 1
    assert life(TWO[0]) > 0


def test_what_can_not_be_given_back_runs_out_by_itself(lost, settings, life, caplog):
    there = settings.CACHES
    for who in "ab":
        places.take(TWO, who)
    lost()

    for who in "ab":
        places.give_back(who)
    settings.CACHES = there
    places._held.renew()

    assert caplog.text.count("place_not_given_back") == 1
    assert all(0 < life(name) <= places.LIFE for name in TWO)
    assert not places._held.remove("a")


def test_a_process_that_is_forked_off_renews_what_it_holds_itself():
    environment = {"DJANGO_SETTINGS_MODULE": "config.settings_test"}
    done = subprocess.run(
        [sys.executable, "-c", FORKING],
        cwd=ROOT,
        env=os.environ | environment | {"DATABASE_URL": "sqlite:///:memory:"},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
