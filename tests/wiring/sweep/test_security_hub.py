"""Findings of whole sweeps: one an account, imported together, archived when the credentials are gone."""

from copy import deepcopy
from typing import Any

from moto.securityhub.models import securityhub_backends

from embedded_aws.organizations.organization import RootCredentials
from local.aws import LocalAws
from local.scenarios.sweeping import Sweeping
from tests.wiring.sweep.accounts import EXEMPT, EXPOSED, HUB, MFA_ONLY

OPEN, GONE = ("FAILED", "ACTIVE"), ("PASSED", "ARCHIVED")


def _findings(aws: LocalAws) -> dict[str, dict[str, Any]]:
    """Return what Security Hub of the hub account holds, by account."""
    found = [finding.data for finding in securityhub_backends[HUB][aws.organization.hub.region].findings]
    by_account = {finding["Resources"][0]["Id"].removeprefix("AWS::::Account:"): finding for finding in found}
    assert len(by_account) == len(found), "more than one finding for an account"
    return by_account


def _states(aws: LocalAws) -> dict[str, tuple[str, str]]:
    return {
        account: (finding["Compliance"]["Status"], finding["RecordState"])
        for account, finding in _findings(aws).items()
    }


def _imports(aws: LocalAws) -> list[int]:
    """Return how many findings each request carried."""
    return [len(c.parameters["Findings"]) for c in aws.calls if c.operation == "BatchImportFindings"]


def test_every_account_with_root_credentials_has_one_finding(aws: LocalAws, sweeping: Sweeping) -> None:
    result = sweeping.by_hand("observe")

    assert _states(aws) == dict.fromkeys((EXPOSED, EXEMPT, MFA_ONLY), OPEN)
    severities = {
        account: finding["FindingProviderFields"]["Severity"]["Label"]
        for account, finding in _findings(aws).items()
    }
    assert severities == {EXPOSED: "CRITICAL", EXEMPT: "LOW", MFA_ONLY: "HIGH"}
    assert result.report is not None
    assert result.report["openFindings"] == [EXPOSED, EXEMPT, MFA_ONLY]
    assert _imports(aws) == [3]


def test_the_same_again_changes_no_finding_but_its_time(aws: LocalAws, sweeping: Sweeping) -> None:
    sweeping.by_hand("observe")
    before = deepcopy(_findings(aws))
    sweeping.by_hand("observe")

    for account, finding in _findings(aws).items():
        assert {**finding, "UpdatedAt": ""} == {**before[account], "UpdatedAt": ""}
    assert _imports(aws) == [3, 3]


def test_findings_are_archived_when_the_credentials_are_gone(aws: LocalAws, sweeping: Sweeping) -> None:
    sweeping.by_hand("observe")
    result = sweeping.by_hand("enforce")
    sweeping.by_hand("observe")

    assert _states(aws) == {EXPOSED: GONE, MFA_ONLY: GONE, EXEMPT: OPEN}
    assert result.report is not None
    assert result.report["openFindings"] == [EXEMPT]
    # What is archived is not told again.
    assert _imports(aws) == [3, 3, 1]


def test_the_same_finding_opens_again_with_the_credentials(aws: LocalAws, sweeping: Sweeping) -> None:
    sweeping.by_hand("observe")
    sweeping.by_hand("enforce")
    assert _states(aws)[EXPOSED] == GONE
    aws.state.root_user(EXPOSED).give(RootCredentials(password=True), aws.clock.now())
    sweeping.by_hand("observe")

    assert _states(aws)[EXPOSED] == OPEN
    assert "has a password" in _findings(aws)[EXPOSED]["Description"]


def test_without_security_hub_the_report_says_so_and_nothing_else_is_lost(
    aws: LocalAws, sweeping: Sweeping
) -> None:
    aws.extensions.faults.fail("BatchImportFindings", "InvalidAccessException", http=401, times=None)
    result = sweeping.by_hand("observe")

    assert result.status == "SUCCEEDED"
    assert result.report is not None
    [missing] = result.report["missing"]
    assert missing.startswith("3 findings were not imported into Security Hub: InvalidAccessException")
    assert result.report["openFindings"] == []
