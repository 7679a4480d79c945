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
