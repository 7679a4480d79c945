"""The benchmark measures the deployed code: a small run, with faults, that loses nothing."""

import pytest

from benchmarks.sweep_run import Conditions, measure

pytestmark = pytest.mark.long


def test_a_small_run_with_faults_ends_with_a_row_an_account() -> None:
    run = measure("sweep", 60, Conditions(workers=1, latency=0, faults=0.05))

    assert run.counts["rows"] == 60
    assert run.counts["clean rows"] == 60
    assert run.counts["AssumeRoot"] >= 60
    assert run.cpu_per_account > 0


def test_a_run_without_faults_makes_two_calls_an_account_and_shares_the_writes() -> None:
    run = measure("sweep", 50, Conditions(workers=1, latency=0, faults=0))

    made = {name: count for name, count in run.counts.items() if name[0].isupper()}
    assert made == {
        "AssumeRoot": 50,
        "GetAccountSummary": 50,
        # What the batch saw, and the sessions, 25 an item each.
        "BatchWriteItem": 4,
        "GetItem": 1,
        "PutObject": 1,
    }


def test_workers_together_keep_to_the_quota() -> None:
    run = measure("sweep", 100, Conditions(workers=2, latency=0, faults=0))

    assert "beyond quota" not in run.counts
    assert run.counts["clean rows"] == 100
