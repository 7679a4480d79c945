"""What attempts at one account removed, or tried to, until a final outcome has named it."""

import json
from dataclasses import dataclass
from typing import Self

from rootwarden.root_credentials import Credential, CredentialKind, Posture


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Everything that attempts did and no final outcome has named yet.

    before: the posture of the first attempt. tried: what an attempt was about to remove, which is no
    proof that it did. removed: what AWS took the deletion of, or what was proven gone.
    """

    before: Posture | None = None
    tried: frozenset[Credential] = frozenset()
    removed: frozenset[Credential] = frozenset()

    def __bool__(self) -> bool:
        """Say whether there is anything a final outcome must name."""
        return bool(self.tried or self.removed)

    def to_json(self) -> str:
        """Return the form kept in the state table."""
        before = sorted(self.before.present) if self.before else None
        return json.dumps(
            {"before": before, "tried": _to_json(self.tried), "removed": _to_json(self.removed)}
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
        )


def _to_json(credentials: frozenset[Credential]) -> list[list[str]]:
    return sorted([credential.kind, credential.identifier] for credential in credentials)


def _from_json(kept: list[list[str]]) -> frozenset[Credential]:
    return frozenset(Credential(CredentialKind(kind), name) for kind, name in kept)
