"""The tokens the service knows: the samples, and those made on its token page."""

import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from .fleet import Fleet
from .ids import guid
from .model import Flaw, Organization, SampleToken, Token
from .people import PEOPLE
from .samples import sample_tokens
from .token_format import current_secret, digest, is_well_formed, legacy_secret

_SAMPLE_LIFETIME = timedelta(days=180)


def sample_secret(sample: SampleToken) -> str:
    """The token of a label: the same all month, and never stored."""
    if sample.legacy:
        return legacy_secret(f"sandbox/{sample.label}")
    return current_secret(f"sandbox/{sample.label}", datetime.now(UTC).date())


class TokenRegistry:
    """`instance_of` tells the id of the organization that has a name, or None."""

    def __init__(
        self, instance_of: Callable[[str], str | None], data: Path | None, fleet: Fleet
    ) -> None:
        self._lock = threading.RLock()
        self._fleet = fleet
        self._file = data / "azure-tokens.json" if data else None
        self.samples = {sample.label: sample for sample in sample_tokens()}
        self._by_seed = {_seed(sample_secret(each)): each for each in self.samples.values()}
        self._tokens = {
            each.label: _sample_record(each, instance_of(each.valid_in or each.organization))
            for each in self.samples.values()
        }
        self._digests: dict[str, str] = self._load()

    def recognise(self, secret: str) -> Token | None:
        """The token a secret belongs to, with its flaw if it has one; None if never issued."""
        sample = self._by_seed.get(_seed(secret))
        if sample:
            # The seed says which sample it would be; the checksum that it is no typo.
            return self._tokens.get(sample.label) if is_well_formed(secret) else None
        if of_fleet := self._fleet.token(secret):
            return self._tokens.get(of_fleet.id, of_fleet)
        return self._tokens.get(self._digests.get(digest(secret), ""))

    def secret(self, label: str) -> str:
        """Raises KeyError for a label that is not in the table."""
        return sample_secret(self.samples[label])

    def of(self, person_key: str, instance_id: str) -> list[Token]:
        """A person's tokens for an organization, global ones included, newest first."""
        with self._lock:
            found = [
                token
                for token in self._tokens.values()
                if token.person.key == person_key and token.instance_id in (instance_id, None)
            ]
        return sorted(found, key=lambda token: token.created_at, reverse=True)

    def issue(
        self, *, name: str, person: str, instance_id: str | None, scopes: frozenset[str], days: int
    ) -> str:
        """Make a token and return its secret, which is not kept."""
        now = datetime.now(UTC)
        secret = current_secret(secrets.token_hex(32), now.date())
        token = Token(
            id=secrets.token_hex(8),
            name=name,
            person=PEOPLE[person],
            instance_id=instance_id,
            scopes=scopes,
            created_at=now,
            expires_at=now + timedelta(days=days),
            last_four=secret[-4:],
        )
        with self._lock:
            self._tokens[token.id] = token
            self._digests[digest(secret)] = token.id
            self._save()
        return secret

    def spoil(self, secret: str, flaw: Flaw | None) -> None:
        """Give a token a flaw by its secret. Raises KeyError for one nobody knows."""
        token = self.recognise(secret)
        if token is None:
            raise KeyError("token")
        self.alter(token.id, flaw=flaw)

    def revoke(self, token_id: str) -> None:
        self.alter(token_id, flaw=Flaw.REVOKED)

    def alter(self, token_id: str, /, **changes: Any) -> None:
        """Change what is recorded of a token: its flaw, scopes, person, expires_at …

        `token_id` is a label for a sample token. Raises KeyError when there is none.
        """
        with self._lock:
            token = self._tokens.get(token_id) or self._fleet.token_with(token_id)
            if token is None:
                raise KeyError(token_id)
            self._tokens[token_id] = replace(token, **changes)
            self._save()

    def move(self, old: Organization, new_instance: str) -> None:
        """Let the tokens of one organization work in another."""
        with self._lock:
            if of_fleet := self._fleet.token_with(old.name):
                self._tokens.setdefault(of_fleet.id, of_fleet)
            for token in list(self._tokens.values()):
                if token.instance_id == old.instance_id:
                    self._tokens[token.id] = replace(token, instance_id=new_instance)
            self._save()

    def _load(self) -> dict[str, str]:
        if not self._file or not self._file.exists():
            return {}
        rows = json.loads(self._file.read_text())
        self._tokens.update({row["id"]: _from_row(row) for row in rows})
        return {row["digest"]: row["id"] for row in rows}

    def _save(self) -> None:
        """Digests only: whoever reads the file learns no token."""
        if not self._file:
            return
        rows = [_to_row(self._tokens[each], hashed) for hashed, each in self._digests.items()]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".draft")
        draft.write_text(json.dumps(rows, indent=1))
        draft.replace(self._file)


def _seed(secret: str) -> str:
    """The random part, which does not change from month to month."""
    return digest(secret[:52])


def _sample_record(sample: SampleToken, instance_id: str | None) -> Token:
    now = datetime.now(UTC)
    return Token(
        id=sample.label,
        name=f"Sample: {sample.label}",
        label=sample.label,
        person=PEOPLE[sample.person],
        # A token for an organization that isn't there is a token for nothing.
        instance_id=None if sample.everywhere else instance_id or guid("nowhere"),
        scopes=sample.scopes,
        created_at=now.replace(day=1, hour=0, minute=0, second=0, microsecond=0),
        expires_at=now + _SAMPLE_LIFETIME,
        flaw=sample.flaw,
        asks_permissions=sample.asks_permissions,
        last_four=sample_secret(sample)[-4:],
    )


def _to_row(token: Token, hashed: str) -> dict[str, object]:
    return {
        "id": token.id,
        "digest": hashed,
        "name": token.name,
        "person": token.person.key,
        "instance_id": token.instance_id,
        "scopes": sorted(token.scopes),
        "created_at": token.created_at.isoformat(),
        "expires_at": token.expires_at.isoformat(),
        "flaw": token.flaw,
        "last_four": token.last_four,
    }


def _from_row(row: dict[str, str]) -> Token:
    return Token(
        id=row["id"],
        name=row["name"],
        person=PEOPLE[row["person"]],
        instance_id=row["instance_id"],
        scopes=frozenset(row["scopes"]),
        created_at=datetime.fromisoformat(row["created_at"]),
        expires_at=datetime.fromisoformat(row["expires_at"]),
        flaw=Flaw(row["flaw"]) if row["flaw"] else None,
        last_four=row["last_four"],
    )
