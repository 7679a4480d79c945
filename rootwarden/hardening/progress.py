"""What attempts at one account removed, or tried to, until a final outcome has named it."""

import json
from dataclasses import dataclass, replace
from typing import Self

from msgspec import convert, to_builtins

from rootwarden.hardening.last_use import LastUse, latest
from rootwarden.hardening.removal import Preview
from rootwarden.root_credentials import Credential, CredentialKind, Posture


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Everything that attempts did and no final outcome has named yet.

    before: the posture of the first attempt. tried: what an attempt was about to remove, which is no
    proof that it did. removed: what AWS took the deletion of, or what was proven gone. last_used: when any
    of it was last used.
    """

    before: Posture | None = None
    tried: frozenset[Credential] = frozenset()
    removed: frozenset[Credential] = frozenset()
    last_used: frozenset[LastUse] = frozenset()

    def trying(self, seen: Preview) -> Self:
        """Return what is on record before what was seen is removed."""
        return replace(self, tried=self.tried | seen.goes, last_used=latest(self.last_used, seen.last_used))

    def __bool__(self) -> bool:
        """Say whether there is anything a final outcome must name."""
        return bool(self.tried or self.removed)

    def to_json(self) -> str:
        """Return the form kept in the state table."""
        before = sorted(self.before.present) if self.before else None
        return json.dumps(
            {
                "before": before,
                "tried": _to_json(self.tried),
                "removed": _to_json(self.removed),
                "lastUsed": to_builtins(self.last_used, order="deterministic"),
            }
        )

    @classmethod
    def from_json(cls, text: str | None) -> Self:
        """Read the form kept in the state table; nothing kept is no progress."""
        if text is None:
            return cls()
        kept = json.loads(text)
        before = kept["before"]
        return cls(
            before=None if before is None else Posture.of(frozenset(map(CredentialKind, before))),
            tried=_from_json(kept["tried"]),
            removed=_from_json(kept["removed"]),
            # An earlier version kept none.
            last_used=convert(kept.get("lastUsed", []), frozenset[LastUse]),
        )


def _to_json(credentials: frozenset[Credential]) -> list[list[str]]:
    return sorted([credential.kind, credential.identifier] for credential in credentials)


def _from_json(kept: list[list[str]]) -> frozenset[Credential]:
    return frozenset(Credential(CredentialKind(kind), name) for kind, name in kept)
