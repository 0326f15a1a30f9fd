"""Redis as Django's cache, asked with a client that is kept, and with scripts."""

from collections.abc import Sequence
from typing import Any

from django.core.cache import caches
from django.core.cache.backends import redis


class KeepingClient(redis.RedisCacheClient):
    """Django makes a client for each command, which takes longer than the command itself."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._kept: dict[bool, Any] = {}
        self._scripts: dict[str, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        # The pool takes care of a fork; the client holds nothing but the pool.
        if write not in self._kept:
            self._kept[write] = super().get_client(key, write=write)
        return self._kept[write]

    def run(self, script: str, keys: list[str], arguments: Sequence[str | int]) -> Any:
        if script not in self._scripts:
            self._scripts[script] = self.get_client(write=True).register_script(script)
        return self._scripts[script](keys, arguments)


class RedisCache(redis.RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeepingClient

    def run(self, script: str, names: Sequence[str], arguments: Sequence[str | int]) -> Any:
        client: Any = self._cache
        keys = [self.make_key(name) for name in names]
        return client.run(script, keys, arguments)


def run(script: str, names: Sequence[str], *arguments: str | int) -> Any:
    """Run a script in Lua, which is one round trip and during which nothing else happens.

    `KEYS` are the names as Redis knows them. What a script stores is for scripts to read.
    """
    cache: Any = caches["default"]
    return cache.run(script, names, arguments)
