"""Policies before they were changed, in the evidence bucket, and changes that are not announced yet."""

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rootwarden.aws.clients import refusals
from rootwarden.aws.state_table import KeyKind, StateTable
from rootwarden.events import Fields, MalformedEvent
from rootwarden.unlocking.outcome import Evidence, EvidenceReference
from rootwarden.unlocking.requests import ResourceKind

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


_PREFIX = "unlocks/"


@dataclass(frozen=True)
class PolicyEvidence:
    """See rootwarden.unlocking.outcome.EvidenceStore."""

    client: "S3Client"
    bucket: str

    def save(self, evidence: Evidence) -> EvidenceReference:
        """Keep a policy under a name of its own; raises CallRefused."""
        key = f"{_PREFIX}{evidence.name(secrets.token_hex(4))}"
        document = json.dumps(evidence.to_detail(), ensure_ascii=False, indent=2)
        with refusals():
            self.client.put_object(
                Bucket=self.bucket, Key=key, Body=document.encode(), ContentType="application/json"
            )
        return EvidenceReference(self.bucket, key)

    def load(self, key: str) -> Evidence:
        """Return what was kept; raises CallRefused and MalformedEvent."""
        if not key.startswith(_PREFIX):
            raise MalformedEvent("evidence", f"a key that begins with {_PREFIX}", key)
        with refusals():
            body = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return read_evidence(body.decode("utf-8", "replace"))


def read_evidence(document: str) -> Evidence:
    """Read what was kept; raises MalformedEvent."""
    try:
        return Evidence.from_detail(Fields(json.loads(document)))
    except (ValueError, RecursionError) as error:
        raise MalformedEvent("evidence", "a policy kept as JSON", document) from error


@dataclass(frozen=True)
class BegunChangesTable:
    """See rootwarden.unlocking.outcome.BegunChanges. kind: of resource, for each function has its own."""

    table: StateTable
    kind: ResourceKind

    def add(self, text: str) -> None:
        """Put a change on record."""
        self._update("ADD", text)

    def remove(self, text: str) -> None:
        """Take a change off the record; again does no harm."""
        self._update("DELETE", text)

    def all(self) -> tuple[str, ...]:
        """Return what is on record."""
        with refusals():
            item = self.table.get(KeyKind.BEGUN.key(self.kind))
        return tuple(sorted(item.get("changes", ())))

    def _update(self, action: str, text: str) -> None:
        with refusals():
            self.table.update(
                KeyKind.BEGUN.key(self.kind), f"{action} changes :changes", {":changes": {text}}
            )
