"""What a sweep says of every account."""

from collections.abc import Mapping
from typing import Any

from moto.securityhub.models import securityhub_backends

from local.aws import LocalAws
from local.scenarios.sweeping import SweepResult


def results_of(result: SweepResult) -> dict[str, str]:
    """Return each account's result by its id."""
    assert result.report is not None
    return {row["id"]: row["result"] for row in result.report["accounts"]}


def findings(aws: LocalAws) -> Mapping[str, Mapping[str, Any]]:
    """Return what Security Hub of the hub account holds, by account."""
    hub = aws.organization.hub
    found = [finding.data for finding in securityhub_backends[hub.account][hub.region].findings]
    by_account = {finding["Resources"][0]["Id"].removeprefix("AWS::::Account:"): finding for finding in found}
    assert len(by_account) == len(found), "more than one finding for an account"
    return by_account
