"""How often a token may call, and what happens when nobody can count."""

import pytest

UNREACHABLE = "redis://127.0.0.1:1/0"


@pytest.fixture
def without_redis(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": UNREACHABLE,
        }
    }


def test_the_api_answers_while_its_counter_is_away(program_of, alice, without_redis):
    response = program_of(alice).get("/api/v1/organizations")

    assert response.status_code == 200
    assert "RateLimit-Remaining" not in response.headers
