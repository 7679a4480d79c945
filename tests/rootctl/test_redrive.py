"""rootctl redrive: what waits and why, and the way back, whatever happens on it."""

import csv
import io
import json
from typing import Any

import pytest

from local.aws import LocalAws
from local.scenarios import scenario_events as events
from local.scenarios.scenario import Scenario
from rootctl.dead_letters import Moved, Mover
from rootctl.errors import Exit
from rootctl.hub import FunctionFailed, Hub
from rootwarden.events import AccountId, Fields
from rootwarden.undelivered.findings import QueueFindings, UndeliveredEvents
from tests.accounts import EXPOSED, HUB
from tests.rootctl.conftest import run
from tests.rootctl.diagnosed import doctor
from tests.rootctl.hub_account import give_up, leave_undelivered, queue
from tests.unit.sample_events import sample

JOINED = sample("create_account_result_succeeded")
SIGN_IN = sample("root_console_login_failure")
_A_DAY = 24 * 3600


@pytest.fixture
def letters(aws: LocalAws) -> LocalAws:
    """One message that was given up, and twelve events that were never delivered."""
    give_up("HardenAccount", JOINED)
    for number in range(12):
        leave_undelivered("AssessRoot", SIGN_IN | {"id": f"event-{number}"})
    return aws


def redrive(*arguments: str) -> tuple[list[dict[str, Any]], int]:
    result = run("redrive", "--output", "json", *arguments)
    return json.loads(result.stdout), result.exit_code


@pytest.mark.usefixtures("aws")
def test_nothing_waits() -> None:
    result = run("redrive", "--yes")

    assert (result.exit_code, result.stdout) == (0, "Nothing waits in any dead-letter queue.\n")


@pytest.mark.usefixtures("letters")
def test_what_waits_is_shown_with_its_reason_and_left_alone() -> None:
    for _ in range(2):
        found, code = redrive("--dry-run")

        assert code == Exit.FINDINGS
        undelivered, given_up = found
        assert (given_up["function"], given_up["kind"], given_up["waiting"]) == (
            "harden_account",
            "given up",
            1,
        )
        assert "CreateAccountResult" in given_up["letters"][0]["event"]
        assert given_up["letters"][0]["account"] == EXPOSED
        assert "failed at every attempt" in given_up["letters"][0]["why"]
        assert (undelivered["kind"], undelivered["waiting"]) == ("undelivered", 12)
        assert undelivered["letters"][0]["why"].startswith("NO_PERMISSIONS: not authorized")
        assert len(undelivered["letters"]) == 10

    assert "and 2 more" in run("redrive", "--dry-run").stdout


def test_everything_goes_back_and_is_dealt_with(letters: LocalAws) -> None:
    found, code = redrive("--yes")

    assert code == Exit.DONE
    assert [(each["moved"], each["problem"]) for each in found] == [(12, None), (1, None)]
    assert queue("HardenAccount", "DeadLetters").messages == []
    letters.run_until_idle()
    assert not letters.posture(EXPOSED)["password"]
    kinds = {outcome["detail-type"] for outcome in letters.outcomes}
    assert {"Account Hardening Result", "Root Activity Alert"} <= kinds


@pytest.mark.usefixtures("letters")
def test_only_the_functions_named() -> None:
    found, _ = redrive("--yes", "harden_account")

    assert [each["function"] for each in found] == ["harden_account"]
    assert len(queue("AssessRoot", "Undelivered").messages) == 12


@pytest.mark.usefixtures("letters")
def test_people_are_asked() -> None:
    declined = run("redrive", answers="n\n")
    assert declined.exit_code == Exit.FAILED
    assert "Nothing was changed" in declined.stderr
    assert len(queue("AssessRoot", "Undelivered").messages) == 12

    agreed = run("redrive", answers="y\n")
    assert agreed.exit_code == Exit.DONE
    assert "undelivered" in agreed.stderr
    assert "12 messages moved" in agreed.stdout


@pytest.mark.usefixtures("letters")
def test_without_a_terminal_yes_is_needed() -> None:
    result = run("redrive")

    assert result.exit_code == Exit.USAGE
    assert "--yes" in result.stderr


@pytest.mark.usefixtures("aws")
def test_an_unknown_function_is_shown_the_known_ones() -> None:
    result = run("redrive", "--yes", "harden_acount")

    assert result.exit_code == Exit.USAGE
    assert "harden_acount is none of" in result.stderr
    assert "harden_account" in result.stderr


@pytest.mark.usefixtures("aws")
def test_what_is_no_event_is_shown_as_that() -> None:
    leave_undelivered("Notify", {"\x1b[31mred": True})

    result = run("redrive", "--dry-run")

    assert "no event" in result.stdout
    assert "\x1b" not in result.stdout


def test_ctrl_c_leaves_a_truthful_summary(letters: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Mover._move_one  # noqa: SLF001 # the moment between two messages
    calls = iter(range(99))

    def interrupted(mover: Mover, moved: Moved, message: Any) -> None:
        if next(calls) == 5:
            raise KeyboardInterrupt
        original(mover, moved, message)

    monkeypatch.setattr(Mover, "_move_one", interrupted)

    found, code = redrive("--yes")

    assert code == Exit.INTERRUPTED
    assert [(each["moved"], each["problem"] is None) for each in found] == [(5, False), (0, False)]
    assert found[1]["problem"] == "not begun"
    assert len(queue("AssessRoot", "Undelivered")._messages) == 7  # noqa: SLF001 # also those being looked at
    assert letters.dead_letters


@pytest.mark.usefixtures("aws")
def test_what_had_nothing_to_move_when_ctrl_c_came_is_not_called_not_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for function in ("AssessRoot", "HardenAccount", "Notify"):
        leave_undelivered(function, SIGN_IN)
    outcomes = iter([None, KeyboardInterrupt("now"), None])

    def moves_nothing(_mover: Mover, moved: Moved) -> None:
        if error := next(outcomes):
            moved.problem = "interrupted"
            raise error

    monkeypatch.setattr(Mover, "move", moves_nothing)

    found, code = redrive("--yes")

    assert code == Exit.INTERRUPTED
    assert [each["problem"] for each in found] == [None, "interrupted", "not begun"]


@pytest.fixture
def far_away(aws: LocalAws) -> LocalAws:
    """A sign-in that a member could not send, and an event of another account that somebody put there."""
    aws.clock.advance(_A_DAY)
    aws.state.not_known_yet.add(EXPOSED)
    Scenario(aws).sign_in_as_root(EXPOSED)
    aws.state.not_known_yet.clear()
    url = f"https://sqs.us-east-1.amazonaws.com/{EXPOSED}/rootwarden-undelivered"
    body = json.dumps(events.root_sign_in(account=HUB, time=aws.clock.now()))
    aws.client("sqs", account=EXPOSED).send_message(QueueUrl=url, MessageBody=body)
    return aws


@pytest.mark.long
def test_what_members_could_not_send_is_shown_and_brought_in(far_away: LocalAws) -> None:
    shown = run("redrive", "--members", "--dry-run", "--output", "json")
    [queue] = json.loads(shown.stdout)["queues"]
    assert (shown.exit_code, queue["account"], queue["waiting"]) == (Exit.FINDINGS, EXPOSED, 2)
    assert len(far_away.dead_letters) == 2

    moved = run("redrive", "--members", "--yes")
    far_away.run_until_idle()

    assert moved.exit_code == Exit.FINDINGS
    assert "2 events could not be sent to the hub: 1 brought in, 1 left" in moved.stdout
    assert [each["detail-type"] for each in far_away.outcomes] == ["Root Activity Alert"]
    found, _ = doctor()
    [waiting] = [each for each in found["accounts' queues"] if each["status"] == "wrong"]
    assert "1 event could not be sent to the hub" in waiting["text"]
    assert waiting["remedy"] == "rootctl redrive --members"


@pytest.mark.usefixtures("aws")
def test_members_are_all_or_none() -> None:
    assert run("redrive", "--members", "--yes", "harden_account").exit_code == Exit.USAGE
    assert "Nothing waits in them" in run("redrive", "--members", "--yes").stdout


def _answer(findings: UndeliveredEvents) -> Fields:
    return Fields(json.loads(json.dumps({"findings": findings.to_detail()})))


def _answers_nothing(*_: object) -> Fields:
    raise FunctionFailed("CollectUndelivered failed: out of memory.")


@pytest.mark.usefixtures("aws")
def test_queues_that_were_not_looked_into_are_not_called_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hub, "ask", _answers_nothing)

    shown = run("redrive", "--members", "--yes")

    assert shown.exit_code == Exit.FAILED
    assert shown.stdout.startswith("of ")
    assert "nothing is known: CollectUndelivered failed: out of memory" in shown.stdout
    assert "Nothing waits" not in shown.stdout


@pytest.mark.usefixtures("aws")
def test_where_there_is_no_queue_nothing_is_said_of_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = _answer(UndeliveredEvents(accounts_asked=9, without_queue=9))
    monkeypatch.setattr(Hub, "ask", lambda *_: answer)

    shown = run("redrive", "--members", "--yes")

    assert shown.stdout == "Looked into 0 queues of accounts; in 9 places there is none.\n"


@pytest.mark.usefixtures("aws")
def test_csv_of_members_queues_explains_how_it_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = QueueFindings(
        account_id=AccountId(EXPOSED),
        region="us-east-1",
        waiting=3,
        why={"NO_PERMISSIONS": 3},
        stays={"malformed": 2},
    )
    found = UndeliveredEvents(accounts_asked=9, looked=1, not_begun=4, queues=(waiting,))
    answers = iter([_answer(found)])
    monkeypatch.setattr("rootctl.undelivered._BATCH", 1)
    monkeypatch.setattr(Hub, "ask", lambda *_: next(answers, None) or _answers_nothing())

    result = run("redrive", "--members", "--dry-run", "--output", "csv")

    [row] = csv.DictReader(io.StringIO(result.stdout))
    assert (row["why"], row["stays"]) == ("NO_PERMISSIONS (3)", "malformed (2)")
    assert result.exit_code == Exit.FAILED
    assert "No time was left for 4 queues." in result.stderr
    assert "nothing is known: CollectUndelivered failed: out of memory" in result.stderr
