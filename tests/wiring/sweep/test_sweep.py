"""The whole state machine from the synthesized template, over a small organization, in batches of two."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from local.aws import LocalAws
from local.scenarios.sweeping import Sweeping
from tests.accounts import (
    CLEAN,
    EVERYONE,
    EXEMPT,
    EXPOSED,
    HUB,
    MANAGEMENT,
    MFA_ONLY,
    REFUSING,
    SUSPENDED,
)
from tests.outcome_schemas import breaches
from tests.report_schema import strict_validator
from tests.wiring.sweep.conftest import EXPECTATION, Swept
from tests.wiring.sweep.results import results_of

_NOTHING = dict.fromkeys(("password", "accessKeys", "signingCertificates", "mfaDevices"), False)


def _metrics(lines: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """Return the last value of every metric that write_report wrote, by name."""
    return {
        metric["Name"]: line[metric["Name"]][0]
        for line in lines
        for written in line["_aws"]["CloudWatchMetrics"]
        for metric in written["Metrics"]
        if line["service"] == "write_report" and written["Dimensions"] == [["service"]]
    }


def test_every_account_has_a_row_that_says_how_it_stands(audited: Swept) -> None:
    result = audited.result

    assert (result.status, result.error) == ("SUCCEEDED", None)
    assert results_of(result) == {
        MANAGEMENT: "management",
        HUB: "clean",
        EXPOSED: "exposed",
        EXEMPT: "exposed",
        SUSPENDED: "not_active",
        CLEAN: "clean",
        MFA_ONLY: "exposed",
        REFUSING: "unreachable",
    }
    assert result.row(EXEMPT)["exemption"] == {"reason": "Being migrated", "until": "2027-01-31"}
    assert result.row(MFA_ONLY)["posture"] == {**_NOTHING, "mfaDevices": True}
    assert (result.row(REFUSING)["posture"], result.row(REFUSING)["code"]) == (None, "AccessDenied")
    used = {a: (result.row(a)["passwordLastUsed"], result.row(a)["keysLastUsed"]) for a in EVERYONE}
    assert used[EXPOSED] == ("never", ["never", "never"])
    assert used[CLEAN] == used[MFA_ONLY] == (None, [])
    assert used[REFUSING] == ("unknown", ["unknown"])
    owners = {a: (o["name"], o["code"]) if (o := result.row(a)["owner"]) else None for a in EVERYONE}
    no_one = dict.fromkeys((EXEMPT, MFA_ONLY, REFUSING), (None, None))
    assert owners == dict.fromkeys(EVERYONE) | no_one | {EXPOSED: ("payments", None)}
    assert result.report is not None
    assert result.report["missing"] == []
    assert result.report["expected"] == [EXPECTATION | {"hasEnded": False}]


def test_an_audit_changes_nothing(audited: Swept) -> None:
    assert audited.after == audited.before
    assert [c.operation for c in audited.calls if c.operation.startswith(("Delete", "Deactivate"))] == []


def test_a_clean_account_costs_two_calls(audited: Swept) -> None:
    assumed = [c for c in audited.calls if c.operation == "AssumeRoot" and CLEAN in str(c.parameters)]
    assert (len(assumed), [c.operation for c in audited.calls if c.account == CLEAN]) == (
        1,
        ["GetAccountSummary"],
    )


def test_the_outcome_and_the_report_keep_to_their_schemas(audited: Swept) -> None:
    [outcome] = [o for o in audited.outcomes if o["detail-type"] == "Sweep Completed"]
    assert breaches(audited.outcomes) == []
    assert [error.message for error in strict_validator().iter_errors(audited.result.report)] == []
    assert "evidence" in outcome["detail"]["report"]["bucket"]
    assert sorted(audited.files) == ["report.csv", "report.html", "report.json"]


def test_people_are_told_what_needs_attention_and_nothing_else(audited: Swept) -> None:
    [message] = [message for message in audited.messages if message.channel == "email"]
    assert "3 accounts need attention" in (message.subject or "")


def test_the_schedule_starts_a_sweep_in_the_configured_mode(enforced: Swept) -> None:
    assert enforced.result.status == "SUCCEEDED"
    assert enforced.result.report is not None
    assert enforced.result.report["mode"] == "enforce"


def test_an_enforcing_sweep_removes_and_reads_back(enforced: Swept) -> None:
    result = enforced.result

    assert breaches(enforced.outcomes) == []
    assert {a: r for a, r in results_of(result).items() if r == "hardened"} == {
        EXPOSED: "hardened",
        MFA_ONLY: "hardened",
    }
    assert enforced.after[EXPOSED] == _NOTHING == result.row(EXPOSED)["posture"]
    assert len(result.row(EXPOSED)["removed"]) == 5
    last = [call.operation for call in enforced.calls if call.account == EXPOSED][-1]
    assert last == "GetAccountSummary"
    # What is exempt or not active is left alone, whatever the mode.
    assert enforced.after[EXEMPT]["password"]
    assert enforced.after[SUSPENDED]["password"]


def test_our_own_sessions_never_alert(enforced: Swept) -> None:
    verdicts = [line["verdict"] for line in enforced.logs if "verdict" in line]
    # AssumeRoot itself, refused or not, and every call in the sessions.
    assert len(verdicts) >= 6 + 4
    assert [o for o in enforced.outcomes if o["detail-type"].startswith("Root Activity")] == []


def test_a_mode_nobody_knows_fails_the_sweep_before_any_account_is_looked_at(
    aws: LocalAws, sweeping: Sweeping
) -> None:
    result = sweeping.by_hand("destroy")
    assert (result.status, result.report) == ("FAILED", None)
    assert [c for c in aws.calls if c.operation == "AssumeRoot"] == []


@pytest.mark.long
def test_two_sweeps_are_compared(aws: LocalAws, sweeping: Sweeping) -> None:
    first = sweeping.by_hand("enforce")
    aws.state.root_user(CLEAN).give(aws.organization.accounts[0].root, aws.clock.now())
    second = sweeping.by_hand("observe")
    assert second.report is not None
    assert second.report["previousSweepId"] == first.sweep_id
    assert second.report["changes"]["nowExposed"] == [CLEAN]
    assert [entry["sweepId"] for entry in second.report["history"]] == [first.sweep_id, second.sweep_id]


@pytest.mark.long
def test_metrics_are_those_the_alarms_watch(audited: Swept, aws: LocalAws, sweeping: Sweeping) -> None:
    # Before the first report, root access that is off means that there is nothing to sweep yet.
    sweeping.by_hand("observe")
    aws.state.features.root_sessions = False
    sweeping.by_hand("observe")

    # Probes are judged by the next sweep's report.
    assert _metrics(audited.metrics)["PathsProven"] == 0
    assert _metrics(aws.metrics) == {
        "AccountsClean": 2,
        "AccountsExposed": 3,
        "AccountsUnreachable": 1,
        "FeaturesOff": 1,
        "UndeliveredInMembers": 0,
        "RecipientsUnreached": 0,
        "PathsProven": 5,
        "PathsSilent": 0,
        "PathsLost": 0,
        "SweepCompleted": 1,
    }
