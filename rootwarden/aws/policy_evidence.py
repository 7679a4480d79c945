"""Policies as they were before they were changed, in the evidence bucket."""

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rootwarden.aws.errors import refusals
from rootwarden.event_fields import Fields, MalformedEvent
from rootwarden.unlocking.evidence import Evidence, EvidenceReference

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PREFIX = "unlocks/"


@dataclass(frozen=True)
class PolicyEvidence:
    """See rootwarden.unlocking.evidence.EvidenceStore."""

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
