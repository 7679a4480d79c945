"""Holds what a sweep reports against what is really there."""

from collections.abc import Iterator, Mapping
from typing import Any

from local.aws import LocalAws
from local.commands.directory import accounts_of
from local.scenarios.sweeping import SweepResult

_LOOKED_AT = ("clean", "exposed", "hardened", "partial")


def problems_of(aws: LocalAws, result: SweepResult) -> list[str]:
    """Return everything that is not as it should be, in sentences; exposed accounts are not wrong."""
    report = result.report
    problems = [f"the sweep ended as {result.status}: {result.error}"] if result.status != "SUCCEEDED" else []
    if report is None:
        return [*problems, "there is no report"]
    return [
        *problems,
        *(f"the report lacks something: {text}" for text in report["missing"]),
        *_wrong_accounts(aws, report),
        *(problem for row in report["accounts"] for problem in _wrong_rows(aws, row)),
        *(f"in dead-letter queue {letter.queue}: {letter.reason}" for letter in aws.dead_letters),
        *(f"lost by {lost.rule_arn}: {lost.reason}" for lost in aws.lost_events),
        *_alerts(aws),
    ]


def _wrong_accounts(aws: LocalAws, report: Mapping[str, Any]) -> Iterator[str]:
    there = {account["Id"] for account in accounts_of(aws)}
    reported = [row["id"] for row in report["accounts"]]
    for account in sorted(there.symmetric_difference(reported)):
        yield f"account {account} is {'not in the report' if account in there else 'in the report only'}"
    if len(reported) > len(set(reported)):
        yield "an account is in the report twice"


def _wrong_rows(aws: LocalAws, row: Mapping[str, Any]) -> Iterator[str]:
    there = dict(aws.posture(row["id"]))
    if row["result"] in _LOOKED_AT and row["posture"] != there:
        yield f"account {row['id']} is reported as {row['posture']}, and has {there}"
    if row["result"] in ("clean", "hardened") and any(there.values()):
        yield f"account {row['id']} is reported as {row['result']}, and has {there}"


def _alerts(aws: LocalAws) -> Iterator[str]:
    alerts = [outcome for outcome in aws.outcomes if outcome["detail-type"] == "Root Activity Alert"]
    if alerts:
        yield f"{len(alerts)} alerts of root activity: the sweep's own sessions must not alert"
