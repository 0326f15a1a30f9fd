"""How often somebody may do something, counted in the cache."""

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)


def is_within(limit: int, *, what: str, who: str, seconds: int = 3600) -> bool:
    """Count one more, and tell whether that still fits. True while nobody can count."""
    key = f"limit-{what}-{who}"
    try:
        cache.add(key, 0, timeout=seconds)
        return int(cache.incr(key)) <= limit
    except RedisError:
        logger.exception("not_counted", what=what)
        return True
    except ValueError:  # it ran out between the two
        return True
