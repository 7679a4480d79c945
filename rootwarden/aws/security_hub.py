"""Findings into Security Hub. Importing one twice leaves one: its id is the account's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import boto3

from rootwarden.aws.clients import PATIENT, refusals
from rootwarden.events import AccountId
from rootwarden.refusals import CallRefused
from rootwarden.report.findings import FindingsProduct, SecurityHubFinding

_MOST_FINDINGS = 100


class FindingsClient(Protocol):
    """The part of the Security Hub client that is used."""

    @property
    def meta(self) -> Any:
        """Region and partition."""

    def batch_import_findings(self, *, Findings: Sequence[object]) -> dict[str, Any]:  # noqa: N803 - AWS's name
        """Create or update findings."""


@dataclass(frozen=True)
class Imported:
    """The accounts whose findings were taken, and what was not."""

    accounts: frozenset[AccountId]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class SecurityHub:
    """Security Hub in the hub's own account and Region."""

    client: FindingsClient
    hub: AccountId

    def send(self, findings: Sequence[SecurityHubFinding]) -> Imported:
        """Import findings, as many at once as it takes; after a refusal the rest waits for the next sweep."""
        taken: set[AccountId] = set()
        missing: list[str] = []
        for first in range(0, len(findings), _MOST_FINDINGS):
            batch = findings[first : first + _MOST_FINDINGS]
            try:
                refused = self._import(batch)
            except CallRefused as error:
                missing.append(
                    f"{len(findings) - first} findings were not imported into Security Hub: {error}"
                )
                break
            taken.update(finding.account_id for finding in batch if finding.finding_id not in refused)
            missing += [
                f"Security Hub did not take the finding {name}: {why}" for name, why in refused.items()
            ]
        return Imported(frozenset(taken), tuple(missing))

    def _import(self, findings: Sequence[SecurityHubFinding]) -> dict[str, str]:
        meta = self.client.meta
        place = FindingsProduct(partition=meta.partition, region=meta.region_name, hub=self.hub)
        with refusals():
            answer = self.client.batch_import_findings(Findings=[one.to_asff(place) for one in findings])
        return {
            str(failed["Id"]): f"{failed.get('ErrorCode')}: {failed.get('ErrorMessage')}"
            for failed in answer.get("FailedFindings", [])
        }


def security_hub_client() -> FindingsClient:
    """Return the Security Hub client of the function's Region."""
    client: FindingsClient = boto3.client("securityhub", config=PATIENT)
    return client
