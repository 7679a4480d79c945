"""The whole state machine from the synthesized template, over a small organization, in batches of two."""

import json
import re
from pathlib import Path

from jsonschema import Draft202012Validator

from local.aws import LocalAws
from local.scenarios.sweeping import Sweeping
from tests.wiring.sweep.accounts import (
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
from tests.wiring.sweep.results import results_of

_DOCUMENT = (Path(__file__).parents[3] / "docs" / "report.md").read_text(encoding="utf-8")
_NOTHING = dict.fromkeys(("password", "accessKeys", "signingCertificates", "mfaDevices"), False)


def _metrics(aws: LocalAws) -> dict[str, float]:
    """Return the last value of every metric that write_report wrote, by name."""
    return {
        metric["Name"]: line[metric["Name"]][0]
        for line in aws.metrics
        for written in line["_aws"]["CloudWatchMetrics"]
        for metric in written["Metrics"]
        if line["service"] == "write_report" and written["Dimensions"] == [["service"]]
    }


def test_every_account_has_a_row_that_says_how_it_stands(sweeping: Sweeping) -> None:
    result = sweeping.by_hand("observe")

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
    assert result.report is not None
    assert result.report["missing"] == []


def test_an_audit_changes_nothing(aws: LocalAws, sweeping: Sweeping) -> None:
    before = {account: dict(aws.posture(account)) for account in EVERYONE}
    sweeping.by_hand("observe")
    assert {account: dict(aws.posture(account)) for account in EVERYONE} == before
    assert [c.operation for c in aws.calls if c.operation.startswith(("Delete", "Deactivate"))] == []


def test_a_clean_account_costs_two_calls(aws: LocalAws, sweeping: Sweeping) -> None:
    sweeping.by_hand("observe")
    assumed = [c for c in aws.calls if c.operation == "AssumeRoot" and CLEAN in str(c.parameters)]
    assert (len(assumed), [c.operation for c in aws.calls if c.account == CLEAN]) == (
        1,
        ["GetAccountSummary"],
    )


def test_an_enforcing_sweep_removes_and_reads_back(aws: LocalAws, sweeping: Sweeping) -> None:
    result = sweeping.by_hand("enforce")

    assert {a: r for a, r in results_of(result).items() if r == "hardened"} == {
        EXPOSED: "hardened",
        MFA_ONLY: "hardened",
    }
    assert dict(aws.posture(EXPOSED)) == _NOTHING == result.row(EXPOSED)["posture"]
    assert len(result.row(EXPOSED)["removed"]) == 5
    last = [call.operation for call in aws.calls if call.account == EXPOSED][-1]
    assert last == "GetAccountSummary"
    # What is exempt or not active is left alone, whatever the mode.
    assert aws.posture(EXEMPT)["password"]
    assert aws.posture(SUSPENDED)["password"]


def test_the_schedule_starts_a_sweep_in_the_configured_mode(sweeping: Sweeping) -> None:
    result = sweeping.by_schedule()
    assert result.status == "SUCCEEDED"
    assert result.report is not None
    assert result.report["mode"] == "enforce"


def test_a_mode_nobody_knows_fails_the_sweep_before_any_account_is_looked_at(
    aws: LocalAws, sweeping: Sweeping
) -> None:
    result = sweeping.by_hand("destroy")
    assert (result.status, result.report) == ("FAILED", None)
    assert [c for c in aws.calls if c.operation == "AssumeRoot"] == []


def test_the_outcome_and_the_report_keep_to_their_schemas(aws: LocalAws, sweeping: Sweeping) -> None:
    result = sweeping.by_hand("observe")

    [outcome] = [o for o in aws.outcomes if o["detail-type"] == "Sweep Completed"]
    [report_schema] = re.findall(r"```json schema=Report\n(.*?)```", _DOCUMENT, re.DOTALL)
    schema = json.loads(report_schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    assert [error.message for error in validator.iter_errors(result.report)] == []
    assert outcome["detail"]["report"]["bucket"] == sweeping.bucket
    names = sorted(name for name, _ in sweeping.files(result.sweep_id))
    assert names == ["report.csv", "report.html", "report.json"]


def test_people_are_told_what_needs_attention_and_nothing_else(aws: LocalAws, sweeping: Sweeping) -> None:
    sweeping.by_hand("observe")
    [message] = [message for message in aws.messages if message.channel == "email"]
    assert "3 accounts need attention" in (message.subject or "")


def test_our_own_sessions_never_alert(aws: LocalAws, sweeping: Sweeping) -> None:
    sweeping.by_hand("enforce")
    verdicts = [line["verdict"] for line in aws.logs if "verdict" in line]
    # AssumeRoot itself, refused or not, and every call in the sessions.
    assert len(verdicts) >= 6 + 4
    assert [o for o in aws.outcomes if o["detail-type"].startswith("Root Activity")] == []


def test_two_sweeps_are_compared(aws: LocalAws, sweeping: Sweeping) -> None:
    first = sweeping.by_hand("enforce")
    aws.state.root_user(CLEAN).give(aws.organization.accounts[0].root, aws.clock.now())
    second = sweeping.by_hand("observe")
    assert second.report is not None
    assert second.report["previousSweepId"] == first.sweep_id
    assert second.report["changes"]["nowExposed"] == [CLEAN]
    assert [entry["sweepId"] for entry in second.report["history"]] == [first.sweep_id, second.sweep_id]


def test_metrics_are_those_the_alarms_watch(aws: LocalAws, sweeping: Sweeping) -> None:
    # Before the first report, root access that is off means that there is nothing to sweep yet.
    sweeping.by_hand("observe")
    first = _metrics(aws)
    aws.state.features.root_sessions = False
    sweeping.by_hand("observe")

    # Probes are judged by the next sweep's report.
    assert first["PathsProven"] == 0
    assert _metrics(aws) == {
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
