"""Whatever goes wrong in a sweep, its report is written and says so."""

from collections.abc import Callable

import pytest

from embedded_aws.calls import Call, CallRefusedError
from local.aws import LocalAws
from local.scenarios.sweeping import Sweeping, SweepResult
from tests.accounts import EVERYONE, EXEMPT, EXPOSED
from tests.wiring.sweep.results import results_of

pytestmark = pytest.mark.long

_LONGER_THAN_A_FUNCTION = 200


class _During:
    """Does something when a sweep has come to a certain point."""

    def __init__(self, aws: LocalAws, **deeds: Callable[[], None]) -> None:
        self._deeds = {point.replace("_", " "): deed for point, deed in deeds.items()}
        self.heard: list[str] = []
        aws.state_machines.on_progress = self

    def __call__(self, point: str) -> None:
        self.heard.append(point)
        self._deeds.get(point, lambda: None)()


def _died(result: SweepResult) -> set[str]:
    """Return the accounts whose batch left nothing."""
    return {row["id"] for row in (result.report or {})["accounts"] if row["code"] == "BatchFailed"}


def test_accounts_of_a_batch_that_dies_are_in_the_report_and_it_says_so(
    aws: LocalAws, sweeping: Sweeping
) -> None:
    faults = aws.extensions.faults

    def die() -> None:
        faults.fail("PutObject", "AccessDenied", http=403, times=None)

    during = _During(aws, **{"2_of_8": die, "4_of_8": faults.clear})
    result = sweeping.by_hand("observe")

    assert result.status == "SUCCEEDED"
    assert result.report is not None
    assert _died(result) == {EXPOSED, EXEMPT}
    assert {result.row(account)["result"] for account in (EXPOSED, EXEMPT)} == {"unreachable"}
    assert result.report["missing"]
    assert during.heard[-2:] == ["8 of 8", "WriteReport"]


def test_a_batch_that_times_out_is_told_like_one_that_dies(
    aws: LocalAws, sweeping: Sweeping, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = aws.extensions.faults
    strike = faults.strike

    def hang(call: Call, *, after_effect: bool = False) -> None:
        if call.operation == "PutObject" and f"/results/{EXPOSED}-" in str(call.parameters):
            aws.clock.advance(_LONGER_THAN_A_FUNCTION)
            raise CallRefusedError("RequestTimeout", "the batch hung", 400)
        strike(call, after_effect=after_effect)

    monkeypatch.setattr(faults, "strike", hang)
    result = sweeping.by_hand("observe")

    assert result.status == "SUCCEEDED"
    failed = aws.state_machines.tolerated[-1]
    assert "Task timed out after 140" in str(failed)
    assert _died(result) == {EXPOSED, EXEMPT}
    assert len((result.report or {})["missing"]) == 2


def test_a_report_is_written_even_when_every_batch_died(aws: LocalAws, sweeping: Sweeping) -> None:
    faults = aws.extensions.faults
    _During(
        aws,
        AuditAccounts=lambda: faults.fail("PutObject", "AccessDenied", http=403, times=None),
        WriteReport=faults.clear,
    )
    result = sweeping.by_hand("observe")
    assert result.status == "SUCCEEDED"
    assert set(results_of(result)) == set(EVERYONE)
    assert "clean" not in results_of(result).values()


def test_throttled_functions_are_tried_again(aws: LocalAws, sweeping: Sweeping) -> None:
    aws.extensions.faults.fail("Invoke", "TooManyRequestsException", service="lambda", http=429, times=4)
    result = sweeping.by_hand("observe")
    assert result.status == "SUCCEEDED"
    assert result.report is not None
    assert result.report["missing"] == []
    # Each invocation is itself two requests; the state machine then waits for 2 and 4 seconds.
    assert result.took.total_seconds() >= 6


def test_a_sweep_that_may_not_list_accounts_fails_and_says_why(aws: LocalAws, sweeping: Sweeping) -> None:
    aws.extensions.faults.fail("ListAccounts", "AccessDeniedException", times=None)
    result = sweeping.by_hand()
    assert result.status == "FAILED"
    assert "AccessDenied" in (result.error or "")
