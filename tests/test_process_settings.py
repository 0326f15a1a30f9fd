"""A process starts with sound settings or not at all. Each test starts one."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = [
    "config",
    "core",
    "accounts",
    "organizations",
    "bindings",
    "projects",
    "billing",
    "claims",
    "onboarding",
]
KEY, OTHER = "a key that is long enough to be one", "another key that is long enough too"
THIRD = "a third key that is as long as the rest"
KEYS = {"SECRET_KEY": KEY, "FERNET_KEYS": OTHER}
PRODUCTION = KEYS | {
    "SITE_URL": "https://mooring.example.com",
    "ALLOWED_HOSTS": "mooring.example.com",
    "SECRET_KEY": "x7-Qb2:kV9!mZ4@pT6#rW8$yN3%uJ5&hL1*cF0+dS_eG=aX~oB",
    "DATABASE_URL": "sqlite:///:memory:",
}


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """The product without anybody's `.env`."""
    place = tmp_path_factory.mktemp("clone")
    for name in [*PACKAGES, "templates", "static"]:
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", place)
    return place


def run(place, *arguments, **environment):
    """Run Python there, with this environment and no other."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=place,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
    )


def started(place, *names, **environment):
    """The settings of these names, in a process that started."""
    wanted = f"json.dumps([getattr(settings, name) for name in {names!r}])"
    script = f"import json; from config import settings; print({wanted})"
    result = run(place, "-c", script, **environment)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def refusal(place, **environment):
    """The last line of a process that refused to start."""
    result = run(place, "-c", "import config.settings", **environment)
    assert result.returncode != 0
    return result.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("missing", ["SECRET_KEY", "FERNET_KEYS"])
def test_without_a_key_nothing_starts(clone, missing):
    rest = {name: value for name, value in KEYS.items() if name != missing}

    assert f"Set the {missing} environment variable" in refusal(clone, **rest)


WEAK = [
    ({"SECRET_KEY": "k" * 31}, "SECRET_KEY has 31 characters and needs at least 32"),
    ({"SECRET_KEY": ""}, "SECRET_KEY is empty"),
    ({"SECRET_KEY": "k" * 64}, "SECRET_KEY repeats itself"),
    ({"FERNET_KEYS": "k" * 31}, "FERNET_KEYS (key 1 of 1) has 31 characters"),
    ({"FERNET_KEYS": ""}, "FERNET_KEYS is empty"),
    ({"FERNET_KEYS": f"{OTHER},short"}, "FERNET_KEYS (key 2 of 2) has 5 characters"),
    ({"FERNET_KEYS": KEY}, "SECRET_KEY is also one of FERNET_KEYS"),
    ({"FERNET_KEYS": f"{OTHER}, {OTHER}"}, "FERNET_KEYS lists a key twice"),
]


@pytest.mark.parametrize(("weak", "words"), WEAK)
def test_with_a_weak_key_nothing_starts(clone, weak, words):
    told = refusal(clone, **KEYS | weak)

    assert words in told
    assert not [key for key in ("k" * 31, KEY, OTHER, "short.") if key in told]


def test_with_keys_it_starts(clone):
    assert started(clone, "SECRET_KEY", "FERNET_KEYS", **KEYS) == [KEY, [OTHER]]


def test_several_keys_may_decrypt(clone):
    environment = KEYS | {"FERNET_KEYS": f"{THIRD},{OTHER}"}

    assert started(clone, "FERNET_KEYS", **environment) == [[THIRD, OTHER]]


@pytest.mark.parametrize("name", ["SECRET_KEY", "FERNET_KEYS", "DATABASE_URL"])
def test_a_secret_may_come_from_a_file(clone, tmp_path, name):
    values = KEYS | {"DATABASE_URL": "postgres://mooring:quiet@db:5432/mooring"}
    secret = tmp_path / "secret"
    secret.write_text(values.pop(name))

    values[f"{name}_FILE"] = str(secret)

    found = started(clone, "SECRET_KEY", "FERNET_KEYS", "DATABASES", **values)
    assert found[:2] == [KEY, [OTHER]]
    assert found[2]["default"]["PASSWORD"] == "quiet"


def test_what_is_set_goes_before_the_file_of_a_developer(clone, tmp_path):
    place = tmp_path / "clone"
    shutil.copytree(clone, place)
    (place / ".env").write_text(f"SECRET_KEY={KEY}\nFERNET_KEYS={KEY}\nAPI_REQUESTS_PER_MINUTE=7\n")

    found = started(place, "SECRET_KEY", "FERNET_KEYS", "API_REQUESTS_PER_MINUTE", SECRET_KEY=OTHER)

    assert found == [OTHER, [KEY], 7]


OVER_HTTPS = {
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 31_536_000,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "SECURE_HSTS_PRELOAD": True,
    "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
    "CSRF_TRUSTED_ORIGINS": ["https://mooring.example.com"],
}
OVER_HTTP = dict.fromkeys(OVER_HTTPS, False) | {
    "SECURE_HSTS_SECONDS": 0,
    "SECURE_PROXY_SSL_HEADER": None,
    "CSRF_TRUSTED_ORIGINS": ["http://localhost:8000"],
}


@pytest.mark.parametrize(
    ("url", "expected"),
    [("https://mooring.example.com", OVER_HTTPS), ("http://localhost:8000", OVER_HTTP)],
)
def test_the_address_people_use_decides_about_https(clone, url, expected):
    found = started(clone, *expected, **KEYS, SITE_URL=url)

    assert dict(zip(expected, found, strict=True)) == expected


def test_what_nobody_set_is_safe(clone):
    names = ["DEBUG", "X_FRAME_OPTIONS", "SECURE_REFERRER_POLICY", "ALLOWED_HOSTS"]

    debug, frames, referrer, hosts = started(clone, *names, **KEYS)

    assert (debug, frames, referrer) == (False, "DENY", "same-origin")
    assert "*" not in hosts


def test_the_outside_world_is_the_real_one_unless_it_is_named(clone):
    names = ["AZURE_DEVOPS_URL", "AZURE_DEVOPS_ENTITLEMENTS_URL"]

    usual = started(clone, *names, **KEYS)
    named = started(clone, *names, **KEYS, AZURE_DEVOPS_URL="http://localhost:8010")

    assert usual == ["https://dev.azure.com", "https://vsaex.dev.azure.com"]
    assert named == ["http://localhost:8010", "https://vsaex.dev.azure.com"]


@pytest.mark.parametrize(
    ("url", "engine"),
    [
        ("postgres://mooring:quiet@db:5432/mooring", "django.db.backends.postgresql"),
        ("sqlite:///harbour.sqlite3", "core.sqlite"),
    ],
)
def test_the_same_code_runs_on_either_database(clone, url, engine):
    [databases] = started(clone, "DATABASES", **KEYS, DATABASE_URL=url)

    assert databases["default"]["ENGINE"] == engine


def test_mails_are_redacted_before_they_go_where_they_should(clone):
    names = ["EMAIL_BACKEND", "EMAIL_DELIVERY_BACKEND", "EMAIL_HOST", "EMAIL_USE_TLS"]

    found = started(clone, *names, **KEYS, EMAIL_URL="smtp+tls://me:quiet@mail.example.com:587")

    smtp = "django.core.mail.backends.smtp.EmailBackend"
    assert found == ["core.mail.RedactingBackend", smtp, "mail.example.com", True]


def test_a_deployment_has_no_warnings(clone):
    check = ["manage.py", "check", "--deploy", "--fail-level", "WARNING"]

    result = run(clone, *check, **PRODUCTION)

    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


def test_a_deployment_without_https_is_warned_about(clone):
    check = ["manage.py", "check", "--deploy", "--fail-level", "WARNING"]

    result = run(clone, *check, **PRODUCTION | {"SITE_URL": "http://mooring.example.com"})

    assert result.returncode != 0
    assert "SECURE_SSL_REDIRECT" in result.stderr


def test_every_change_of_a_model_has_its_migration(clone):
    result = run(clone, "manage.py", "makemigrations", "--check", "--dry-run", **PRODUCTION)

    assert result.returncode == 0, result.stdout + result.stderr
    assert "No changes detected" in result.stdout
