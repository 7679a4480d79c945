"""Policies as they were before they were changed, in files on the operator's own machine."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from lambdas.adapters.policy_evidence import read_evidence
from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.unlocking.evidence import Evidence, EvidenceReference

DIRECTORY = Path("unlocks")


@dataclass(frozen=True)
class EvidenceFiles:
    """See lambdas.domain.unlocking.evidence.EvidenceStore."""

    directory: Path

    def save(self, evidence: Evidence) -> EvidenceReference:
        """Keep a policy in a file of its own; raises CallRefused."""
        path = self.directory / evidence.name(secrets.token_hex(4))
        document = json.dumps(evidence.to_detail(), ensure_ascii=False, indent=2)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(document)
        except OSError as error:
            raise CallRefused("EvidenceNotSaved", f"{error}; the policy was not changed") from error
        return EvidenceReference(None, str(path))

    def load(self, key: str) -> Evidence:
        """Return what was kept; raises CallRefused and MalformedEvent."""
        try:
            return read_evidence(Path(key).read_text(encoding="utf-8", errors="replace"))
        except OSError as error:
            raise CallRefused("EvidenceNotRead", str(error)) from error
