"""A look every five minutes that AWS refuses: nobody reads its answer, so a metric counts it for an alarm."""

import json

import pytest

from lambdas import close_recovery
from rootwarden.aws.recovery import RecoveryClosing
from rootwarden.aws.unlocking import Unlocking
from rootwarden.contract.functions import Caller
from rootwarden.refusals import CallRefused
from tests.unit import unlock_given
from tests.unit.fake_recovery import Recovery
from tests.unit.invocations import context

REFUSED = CallRefused("AccessDenied", "not to this role")
OVERDUE: dict[str, object] = {"overdue": True}


def _counted(capsys: pytest.CaptureFixture[str]) -> list[str]:
    lines = capsys.readouterr().out.splitlines()
    return [json.loads(line)["service"] for line in lines if "LooksFailed" in line]


@pytest.mark.parametrize("caller", [Caller.SCHEDULE, Caller.SWEEP])
@pytest.mark.parametrize(("refused", "counted"), [("read index", ["regular_look"]), (None, [])])
def test_a_look_at_windows_that_cannot_look_is_counted(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caller: Caller,
    refused: str | None,
    counted: list[str],
) -> None:
    given = Recovery()
    given.line.refusing = [refused] if refused else []
    monkeypatch.setattr(close_recovery, "_function", lambda: RecoveryClosing(given.closer))

    answer = close_recovery.handler(OVERDUE, context(caller=caller))

    assert answer["result"] == ("failed" if refused else "nothing_open")
    assert _counted(capsys) == counted


@pytest.mark.parametrize(("refusal", "counted"), [(REFUSED, ["regular_look"]), (None, [])])
def test_a_look_at_changes_that_cannot_look_is_counted(
    capsys: pytest.CaptureFixture[str], refusal: CallRefused | None, counted: list[str]
) -> None:
    given = unlock_given.Unlocking()
    given.begun.refusal = refusal
    unlocking = Unlocking(given.function)

    unlocking.answer({"begun": True}, Caller.SCHEDULE)

    assert _counted(capsys) == counted
