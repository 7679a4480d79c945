"""rootctl redrive: what waits and why, and the way back, whatever happens on it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.aws import LocalAws
from local.scenarios import scenario_events as events
from local.scenarios.scenario import Scenario
from rootctl.dead_letters import DeadLetterGroup, Kind, Moved, Mover
from rootctl.errors import Exit
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


class Sqs:
    """A queue that fails as given: at the nth call of an operation."""

    def __init__(self, bodies: list[str], **failing: tuple[int, BaseException]) -> None:
        self.waiting = dict(enumerate(bodies))
        self.sent: list[str] = []
        self._failing = {name: iter([None] * at + [error]) for name, (at, error) in failing.items()}

    def _call(self, name: str) -> None:
        error = next(self._failing.get(name, iter(())), None)
        if error:
            raise error

    def receive_message(self, **_: object) -> dict[str, Any]:
        self._call("receive")
        return {"Messages": [{"Body": b, "ReceiptHandle": str(n)} for n, b in [*self.waiting.items()][:10]]}

    def send_message(self, *, MessageBody: str, **_: object) -> None:  # noqa: N803 - boto3's name
        self._call("send")
        self.sent.append(MessageBody)

    def delete_message(self, *, ReceiptHandle: str, **_: object) -> None:  # noqa: N803
        self._call("delete")
        del self.waiting[int(ReceiptHandle)]


GROUP = DeadLetterGroup(
    function="notify",
    kind=Kind.UNDELIVERED,
    queue=f"https://sqs.us-east-1.amazonaws.com/{HUB}/undelivered",
    goes_to=f"https://sqs.us-east-1.amazonaws.com/{HUB}/queue",
    count=15,
    letters=(),
)
THROTTLED = ClientError({"Error": {"Code": "Throttling", "Message": "Rate exceeded"}}, "SendMessage")


def moved_by(sqs: Any) -> Moved:
    moved = Moved(GROUP)
    Mover(sqs, sleep=lambda _: None, advance=lambda: None).move(moved)
    return moved


@pytest.mark.parametrize("operation", ["receive", "send", "delete"])
@pytest.mark.parametrize("at", range(3))
def test_whatever_fails_nothing_is_lost(operation: str, at: int) -> None:
    bodies = [str(number) for number in range(15)]
    sqs: Any = Sqs(bodies, **{operation: (at, THROTTLED)})

    moved = moved_by(sqs)

    assert {*sqs.sent, *sqs.waiting.values()} == {*bodies}
    assert moved.moved == len(sqs.sent)
    # The third time of asking is past the end of what was there.
    assert moved.problem == ("Throttling: Rate exceeded" if (operation, at) != ("receive", 3) else None)
    assert len(moved_by(sqs).group.letters) == 0
    assert sqs.waiting == {}
    assert len(sqs.sent) <= len(bodies) + 1


def test_interrupted_it_tells_what_was_moved() -> None:
    sqs: Any = Sqs(["a", "b", "c"], send=(2, KeyboardInterrupt()))
    moved = Moved(GROUP)

    with pytest.raises(KeyboardInterrupt):
        Mover(sqs, sleep=lambda _: None, advance=lambda: None).move(moved)

    assert (moved.moved, sqs.sent) == (2, ["a", "b"])
    assert "interrupted" in (moved.problem or "")


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


class Tasks:
    """SQS that takes its time over a move task, and ends it as said."""

    def __init__(self, *results: dict[str, Any]) -> None:
        self._results = iter(results)

    def get_queue_attributes(self, **_: object) -> dict[str, Any]:
        return {"Attributes": {"QueueArn": "arn"}}

    def start_message_move_task(self, **_: object) -> dict[str, Any]:
        return {"TaskHandle": "handle"}

    def list_message_move_tasks(self, **_: object) -> dict[str, Any]:
        return {"Results": [next(self._results)]}


def test_progress_of_a_move_task_is_followed_to_its_end() -> None:
    slept: list[float] = []
    advanced: list[None] = []
    running = {"Status": "RUNNING", "ApproximateNumberOfMessagesMoved": 3}
    sqs: Any = Tasks(running, running, {"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": 7})
    moved = Moved(DeadLetterGroup(**{**vars(GROUP), "kind": Kind.GIVEN_UP}))

    Mover(sqs, slept.append, lambda: advanced.append(None)).move(moved)

    assert (moved.moved, moved.problem, len(slept), len(advanced)) == (7, None, 2, 7)


def test_a_move_task_that_fails_says_why() -> None:
    sqs: Any = Tasks({"Status": "FAILED", "FailureReason": "CouldNotDetermineMessageSource"})
    moved = Moved(DeadLetterGroup(**{**vars(GROUP), "kind": Kind.GIVEN_UP}))

    Mover(sqs, lambda _: None, lambda: None).move(moved)

    assert moved.problem == "SQS ended the move as FAILED: CouldNotDetermineMessageSource"


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
