"""Findings of whole sweeps: one an account, imported together, archived when the credentials are gone."""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

import pytest

from embedded_aws.calls import Call
from embedded_aws.organizations.organization import RootCredentials
from local.aws import LocalAws
from local.scenarios.sweeping import Sweeping
from tests.accounts import EXEMPT, EXPOSED, MFA_ONLY
from tests.wiring.sweep.conftest import Swept
from tests.wiring.sweep.results import findings

pytestmark = pytest.mark.long

OPEN, GONE = ("FAILED", "ACTIVE"), ("PASSED", "ARCHIVED")


def _states(found: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    return {
        account: (finding["Compliance"]["Status"], finding["RecordState"])
        for account, finding in found.items()
    }


def _imports(calls: Iterable[Call]) -> list[int]:
    """Return how many findings each request carried."""
    return [len(c.parameters["Findings"]) for c in calls if c.operation == "BatchImportFindings"]


def test_every_account_with_root_credentials_has_one_finding(audited: Swept) -> None:
    assert _states(audited.findings) == dict.fromkeys((EXPOSED, EXEMPT, MFA_ONLY), OPEN)
    severities = {
        account: finding["FindingProviderFields"]["Severity"]["Label"]
        for account, finding in audited.findings.items()
    }
    assert severities == {EXPOSED: "CRITICAL", EXEMPT: "LOW", MFA_ONLY: "HIGH"}
    assert audited.result.report is not None
    assert audited.result.report["openFindings"] == [EXPOSED, EXEMPT, MFA_ONLY]
    assert _imports(audited.calls) == [3]


def test_findings_stay_are_archived_with_the_credentials_and_open_again_with_them(
    aws: LocalAws, sweeping: Sweeping
) -> None:
    sweeping.by_hand("observe")
    before = deepcopy(findings(aws))

    sweeping.by_hand("observe")
    for account, finding in findings(aws).items():
        assert {**finding, "UpdatedAt": ""} == {**before[account], "UpdatedAt": ""}

    enforced = sweeping.by_hand("enforce")
    assert _states(findings(aws)) == {EXPOSED: GONE, MFA_ONLY: GONE, EXEMPT: OPEN}
    assert enforced.report is not None
    assert enforced.report["openFindings"] == [EXEMPT]

    aws.state.root_user(EXPOSED).give(RootCredentials(password=True), aws.clock.now())
    sweeping.by_hand("observe")
    assert _states(findings(aws)) == {EXPOSED: OPEN, MFA_ONLY: GONE, EXEMPT: OPEN}
    assert "has a password" in findings(aws)[EXPOSED]["Description"]
    # What is archived is not told again.
    assert _imports(aws.calls) == [3, 3, 3, 2]


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
