"""The queues of the hub's functions, and where what they could not handle waits."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from rootctl.at_once import at_once
from rootctl.checks.surroundings import EVENTS_REGION, Result, Surroundings, ok, unknown, wrong
from rootctl.hub import Hub, NoHub
from rootctl.terminal import counted, read_json
from rootwarden.accounts import AccountId
from rootwarden.aws.errors import refusals
from rootwarden.event_fields import Fields, MalformedEvent
from rootwarden.hardening.removal import CallRefused

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


_OUTPUT = re.compile(r"(\w+)Queues")


@dataclass(frozen=True, kw_only=True)
class FunctionQueues:
    """One function's queues, by their URLs.

    dead_letters: messages its function gave up. undelivered: events its rules could not put on the queue.
    """

    function: str
    queue: str
    dead_letters: str
    undelivered: str

    @property
    def urls(self) -> tuple[str, str, str]:
        """All three."""
        return self.queue, self.dead_letters, self.undelivered

    @classmethod
    def of(cls, hub: Hub) -> tuple[Self, ...]:
        """Return the queues of every function that has one; raises NoHub."""
        named = ((_OUTPUT.fullmatch(name), text) for name, text in hub.outputs.items())
        found = [cls._read(match[1], text) for match, text in named if match]
        if not found:
            hub.output("HardenAccountQueues")
        return tuple(sorted(found, key=lambda each: each.function))

    @classmethod
    def _read(cls, name: str, text: str) -> Self:
        try:
            urls = Fields(read_json(text, f"{name}Queues"), f"{name}Queues")
            return cls(
                function=re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(),
                queue=urls.text("queue"),
                dead_letters=urls.text("deadLetters"),
                undelivered=urls.text("undelivered"),
            )
        except MalformedEvent as error:
            raise NoHub(
                f"The stack's output cannot be read: {error}. Use the rootctl of its version."
            ) from error


def waiting(client: "SQSClient", url: str) -> int:
    """Return about how many messages a queue holds, with those just looked at; raises CallRefused."""
    with refusals():
        found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return int(found["ApproximateNumberOfMessages"]) + int(found["ApproximateNumberOfMessagesNotVisible"])


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


QUEUE = "rootwarden-undelivered"
_THREADS = 16
_SHOWN = 10
_NO_QUEUE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})


def member_queues(surroundings: Surroundings) -> Iterable[Result]:
    """Count where sign-ins are told; the hub's function sees the other Regions too."""
    client = surroundings.session.client("sqs", region=EVENTS_REGION)

    def depth(account: AccountId) -> int | CallRefused:
        try:
            return waiting(client, f"{client.meta.endpoint_url}/{account}/{QUEUE}")
        except CallRefused as refused:
            return refused

    accounts = [member.account_id for member in surroundings.policies.members()]
    depths = at_once(accounts, depth, threads=_THREADS, description="Accounts' queues").done
    yield from _results(depths)


def _results(depths: dict[AccountId, int | CallRefused]) -> Iterable[Result]:
    refused = {account: why for account, why in depths.items() if isinstance(why, CallRefused)}
    found = {account: count for account, count in depths.items() if isinstance(count, int) and count}
    if found:
        total = counted(sum(found.values()), "event")
        yield wrong(
            f"{total} could not be sent to the hub from {EVENTS_REGION}: {_named(found)}",
            mend="rootctl redrive --members",
        )
    without = [account for account, why in refused.items() if why.code in _NO_QUEUE]
    if without:
        yield unknown(
            f"{EVENTS_REGION}: no queue {QUEUE} in {_named(without)}",
            mend="make deploy, where these accounts are to forward",
        )
    others = {account: why for account, why in refused.items() if why.code not in _NO_QUEUE}
    if others:
        why = next(iter(others.values()))
        yield unknown(
            f"queues of {_named(others)} cannot be looked into: {why}",
            mend="rootctl redrive --members --dry-run (the hub's function), or allow yourself"
            " sqs:GetQueueAttributes on them",
        )
    seen = len(depths) - len(refused)
    if seen and not found:
        yield ok(f"nothing waits in the queues of {counted(seen, 'account')} in {EVENTS_REGION}")


def _named(accounts: Iterable[AccountId]) -> str:
    every = list(accounts)
    more = len(every) - _SHOWN
    return ", ".join([*every[:_SHOWN], *([f"and {more} more"] if more > 0 else [])])
