"""What a sweep says of every account."""

from local.scenarios.sweeping import SweepResult


def results_of(result: SweepResult) -> dict[str, str]:
    """Return each account's result by its id."""
    assert result.report is not None
    return {row["id"]: row["result"] for row in result.report["accounts"]}
