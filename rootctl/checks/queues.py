"""What waits in the functions' queues, and what nobody could deal with."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from lambdas.domain.event_fields import Fields
from rootctl.checks.result import Result, ok, wrong
from rootctl.checks.surroundings import Surroundings
from rootctl.json_text import read_json
from rootctl.queues import FunctionQueues, waiting
from rootctl.terminal.wording import counted

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_SCHEDULES = "ScheduleDeadLetters"


def queues(surroundings: Surroundings) -> Iterable[Result]:
    """Say how deep each queue is, and name those whose dead letters wait."""
    client = surroundings.session.client("sqs")
    depths = []
    for each in FunctionQueues.of(surroundings.hub):
        given_up, undelivered = (waiting(client, url) for url in (each.dead_letters, each.undelivered))
        depths.append(f"{each.function} {waiting(client, each.queue)}")
        mend = f"rootctl redrive {each.function}"
        if given_up:
            yield wrong(
                f"{each.function} gave up {counted(given_up, 'message')}, and nobody took care", mend=mend
            )
        if undelivered:
            told = f"{counted(undelivered, 'event')} never reached {each.function}, and nobody took care"
            yield wrong(told, mend=mend)
    yield from _schedules(surroundings, client)
    yield ok(f"messages waiting: {', '.join(depths)}")


def _schedules(surroundings: Surroundings, client: "SQSClient") -> Iterator[Result]:
    """Name schedules that could not start what they should: sweeps, and the ends of recovery windows."""
    hub = surroundings.hub
    urls = Fields(read_json(hub.output(_SCHEDULES), _SCHEDULES), _SCHEDULES)
    # A sweep closes the recovery windows that are overdue, too.
    start = f"aws stepfunctions start-execution --state-machine-arn {hub.output('SweepMachineArn')}"
    for schedule in ("sweep", "recovery"):
        url = urls.text(schedule)
        count = waiting(client, url)
        if count:
            mend = f"{start} && aws sqs purge-queue --queue-url {url}"
            yield wrong(f"{counted(count, 'start')} by the {schedule} schedule failed", mend=mend)
