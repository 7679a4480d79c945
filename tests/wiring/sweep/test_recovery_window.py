"""A sweep during a recovery window: the account is looked at, left alone, and its row says why."""

import pytest

from local.aws import LocalAws
from local.scenarios.asking import ask
from local.scenarios.sweeping import Sweeping
from tests.accounts import CLEAN, EXPOSED

pytestmark = pytest.mark.long

_HOURS = 4


@pytest.fixture
def window(aws: LocalAws) -> dict[str, str]:
    """A recovery window of an account that had no root credentials; what its row is to say."""
    request = {"account": CLEAN, "reason": "lost MFA device", "requestedBy": "alice"}
    answer = ask(aws, "open_recovery", hours=_HOURS, **request)
    assert answer["result"] == "opened"
    aws.run_until_idle()
    return {"until": answer["window"]["until"], "reason": "lost MFA device", "openedBy": "alice"}


@pytest.mark.parametrize("mode", ["observe", "enforce"])
def test_the_row_tells_of_the_window_and_nothing_is_removed(
    aws: LocalAws, sweeping: Sweeping, window: dict[str, str], mode: str
) -> None:
    result = sweeping.by_hand(mode)

    row = result.row(CLEAN)
    assert (row["result"], row["posture"]["password"]) == ("exposed", True)
    assert row["recoveryWindow"] == window
    assert (row["code"], row["removed"]) == (None, [])
    assert aws.posture(CLEAN)["password"]
    # The others are not spared for its sake.
    assert result.row(EXPOSED)["result"] == ("hardened" if mode == "enforce" else "exposed")


def test_it_is_counted_apart_and_needs_nobody(
    aws: LocalAws, sweeping: Sweeping, window: dict[str, str]
) -> None:
    assert window
    totals = (sweeping.by_hand("enforce").report or {})["totals"]

    assert (totals["recoveryWindow"], totals["exempt"]) == (1, 1)
    # Only the account that refuses root sessions does.
    assert totals["needsAttention"] == 1
    assert aws.posture(CLEAN)["password"]


def test_after_its_end_the_account_is_as_clean_as_before(
    aws: LocalAws, sweeping: Sweeping, window: dict[str, str]
) -> None:
    assert window
    sweeping.by_hand("enforce")
    aws.clock.advance(_HOURS * 3600 + 60)
    aws.run_until_idle()

    row = sweeping.by_hand("observe").row(CLEAN)
    assert (row["result"], row["recoveryWindow"]) == ("clean", None)
