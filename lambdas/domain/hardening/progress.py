"""What earlier attempts at one account left on record, so that a crash loses no word of what was removed."""

import json
from dataclasses import dataclass
from typing import Self

from lambdas.domain.root_credentials import Credential, CredentialKind, Posture


@dataclass(frozen=True, kw_only=True)
class Progress:
    """before: the posture of the first attempt. found: every credential any attempt has seen."""

    before: Posture | None = None
    found: frozenset[Credential] = frozenset()

    def to_json(self) -> str:
        """Return the form kept in the state table."""
        before = sorted(self.before.present) if self.before else None
        found = sorted([credential.kind, credential.identifier] for credential in self.found)
        return json.dumps({"before": before, "found": found})

    @classmethod
    def from_json(cls, text: str | None) -> Self:
        """Read the form kept in the state table; nothing kept is no progress."""
        if text is None:
            return cls()
        kept = json.loads(text)
        before = kept["before"]
        return cls(
            before=None if before is None else Posture(frozenset(map(CredentialKind, before))),
            found=frozenset(Credential(CredentialKind(kind), name) for kind, name in kept["found"]),
        )
