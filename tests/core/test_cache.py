"""Redis as the cache: one client a thread, and scripts that nothing comes in between of."""

from django.core.cache import cache, caches

from core.cache import run

COUNT_UP = "return redis.call('INCRBY', KEYS[1], ARGV[1])"


def test_the_client_is_kept():
    client = caches["default"]._cache

    assert client.get_client() is client.get_client()


def test_a_script_works_on_keys_of_ours():
    cache.set("counted", 4)

    assert run(COUNT_UP, ["counted"], 3) == 7
    assert cache.get("counted") == 7


def test_a_script_that_redis_forgot_is_sent_again():
    run(COUNT_UP, ["forgotten"], 1)
    caches["default"]._cache.get_client().script_flush()

    assert run(COUNT_UP, ["forgotten"], 1) == 2
