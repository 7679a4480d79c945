"""Moving dead letters back, one by one or by SQS: what became of them is said, whatever fails."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from rootctl.commands.redrive import moved_line
from rootctl.dead_letters import DeadLetterGroup, Kind, Moved, Mover
from tests.accounts import HUB

WAIT = "the others wait where they were"


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
    assert moved.problem == "interrupted"
    assert WAIT in moved_line(moved).plain


class Tasks:
    """SQS that takes its time over a move task, and answers each look as said."""

    def __init__(
        self, *results: dict[str, Any] | BaseException | None, start: Exception | None = None
    ) -> None:
        self._results = iter(results)
        self._start = start

    def get_queue_attributes(self, **_: object) -> dict[str, Any]:
        return {"Attributes": {"QueueArn": "arn"}}

    def start_message_move_task(self, **_: object) -> dict[str, Any]:
        if self._start:
            raise self._start
        return {"TaskHandle": "handle"}

    def list_message_move_tasks(self, **_: object) -> dict[str, Any]:
        found = next(self._results)
        if isinstance(found, BaseException):
            raise found
        return {"Results": [] if found is None else [found]}


_RUNNING = {"Status": "RUNNING", "StartedTimestamp": 2, "ApproximateNumberOfMessagesMoved": 3}
_EARLIER = {"Status": "COMPLETED", "StartedTimestamp": 1, "ApproximateNumberOfMessagesMoved": 9}
_NOT_SEEN = "SQS was asked to move them, and how far it came could not be seen"


def given_up() -> Moved:
    return Moved(DeadLetterGroup(**{**vars(GROUP), "kind": Kind.GIVEN_UP}))


@pytest.mark.parametrize("before", [None, _EARLIER], ids=["the first", "after an earlier one"])
def test_progress_of_a_move_task_is_followed_to_its_end(before: dict[str, Any] | None) -> None:
    slept: list[float] = []
    advanced: list[None] = []
    ended = _RUNNING | {"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": 7}
    # A task that has just begun may not be listed yet.
    sqs: Any = Tasks(before, before, _RUNNING, _RUNNING, ended)
    moved = given_up()

    Mover(sqs, slept.append, lambda: advanced.append(None)).move(moved)

    assert (moved.moved, moved.problem, len(slept), len(advanced)) == (7, None, 3, 7)


def test_a_move_task_that_fails_says_why() -> None:
    sqs: Any = Tasks(None, _RUNNING | {"Status": "FAILED", "FailureReason": "CouldNotDetermineMessageSource"})
    moved = given_up()

    Mover(sqs, lambda _: None, lambda: None).move(moved)

    assert moved.problem == "SQS ended the move as FAILED: CouldNotDetermineMessageSource"
    assert WAIT in moved_line(moved).plain


def refusal(operation: str, code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


@pytest.mark.parametrize(
    "sqs",
    [
        Tasks(None, _RUNNING, refusal("ListMessageMoveTasks", "AccessDenied")),
        Tasks(None, start=ReadTimeoutError(endpoint_url="https://sqs.us-east-1.amazonaws.com")),
        Tasks(None, start=refusal("StartMessageMoveTask", "AWS.SimpleQueueService.UnsupportedOperation")),
    ],
    ids=["denied to look", "no answer", "under way already"],
)
def test_what_sqs_may_be_moving_is_not_said_to_wait(sqs: Any) -> None:
    moved = given_up()

    Mover(sqs, lambda _: None, lambda: None).move(moved)

    assert (moved.problem or "").startswith(f"{_NOT_SEEN}: ")
    assert WAIT not in moved_line(moved).plain


def test_what_sqs_was_not_allowed_to_move_waits() -> None:
    sqs: Any = Tasks(None, start=refusal("StartMessageMoveTask", "AccessDenied"))
    moved = given_up()

    Mover(sqs, lambda _: None, lambda: None).move(moved)

    assert moved.problem == "AccessDenied: no"
    assert WAIT in moved_line(moved).plain


def test_where_earlier_moves_cannot_be_listed_nothing_is_asked_for() -> None:
    sqs: Any = Tasks(refusal("ListMessageMoveTasks", "AccessDenied"), start=AssertionError("was asked"))
    moved = given_up()

    Mover(sqs, lambda _: None, lambda: None).move(moved)

    assert moved.problem == "AccessDenied: no"
    assert WAIT in moved_line(moved).plain


def test_ctrl_c_says_that_sqs_goes_on() -> None:
    sqs: Any = Tasks(None, _RUNNING, KeyboardInterrupt())
    moved = given_up()

    with pytest.raises(KeyboardInterrupt):
        Mover(sqs, lambda _: None, lambda: None).move(moved)

    assert moved.problem == "interrupted; SQS was asked to move them, and goes on by itself"
    assert WAIT not in moved_line(moved).plain
