"""Holds what happened in the demo against what must have happened."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from embedded_aws.events.shape import Event
from embedded_aws.sns import Message
from local.aws import LocalAws
from local.commands.account_postures import AccountPostures
from local.commands.demo_scenario import Step
from local.commands.presentation.messages import message_title

_CHANNELS = ("email", "chat", "slack")
# A burst's further alerts reach people as one summary.
_ALERTS = ("Root Activity Alert", "Root Activity Summary")


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """What came of a step: when, AWS's events by name, outcomes and messages."""

    step: Step
    began: datetime
    ended: datetime
    events: Sequence[str]
    outcomes: Sequence[Event]
    messages: Sequence[Message]

    @property
    def refused(self) -> list[Event]:
        """The outcomes of tries that were followed by another."""
        return [outcome for outcome in self.outcomes if outcome["detail"].get("willRetry")]

    @property
    def final(self) -> list[Event]:
        """The outcomes that stand."""
        return [outcome for outcome in self.outcomes if not outcome["detail"].get("willRetry")]


def problems_of(
    aws: LocalAws, results: Sequence[StepResult], postures: Sequence[AccountPostures]
) -> list[str]:
    """Return everything that is not as it should be, in sentences."""
    return [
        *(f"{row.name} still has root credentials" for row in postures if row.has_leftovers),
        *(f"{row.name} was to be left alone, and was not" for row in postures if _was_touched(row)),
        *(problem for result in results for problem in _problems_of_step(result)),
        *(f"in dead-letter queue {letter.queue}: {letter.reason}" for letter in aws.dead_letters),
        *(f"lost by {lost.rule_arn}: {lost.reason}" for lost in aws.lost_events),
        *([] if own_records(aws) else ["rootwarden did not see its own root sessions"]),
    ]


def summary_of(aws: LocalAws, postures: Sequence[AccountPostures], seconds: float) -> str:
    """Return the demo in one line, counted from the embedded AWS's own state."""
    hardened = sum(any(row.before.values()) and not any(row.after.values()) for row in postures)
    left = sum(row.has_leftovers for row in postures)
    exempt = sum(row.is_exempt and any(row.after.values()) for row in postures)
    alerts = sum(outcome["detail-type"] in _ALERTS for outcome in aws.outcomes)
    return (
        f"{hardened} accounts hardened, {exempt} exempt, {left} left with root credentials, {alerts} alerts, "
        f"{len(aws.messages)} messages, {len(aws.dead_letters)} dead letters "
        f"({len(aws.calls)} calls, {seconds:.0f} s)"
    )


def own_records(aws: LocalAws) -> int:
    """Return how many CloudTrail records were recognised as rootwarden's own root sessions."""
    return sum(line.get("verdict") == "our_own_session" for line in aws.logs)


def _was_touched(row: AccountPostures) -> bool:
    return row.keeps is not None and row.before != row.after


def _problems_of_step(result: StepResult) -> Iterator[str]:
    notified, title = result.step.notified, result.step.title
    if len(result.final) != len(notified):
        yield f"{title}: {len(result.final)} outcomes instead of {len(notified)}"
    for channel in _CHANNELS:
        titles = [message_title(message) for message in result.messages if message.channel == channel]
        for expected in notified:
            if not any(found.endswith(expected) for found in titles):
                yield f"{title}: no message {expected!r} by {channel}"
        for found in titles:
            if not found.endswith(notified):
                yield f"{title}: a message by {channel} without reason: {found}"
