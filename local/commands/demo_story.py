"""What happens in the demo, step by step, and holds what came of it against what must have come of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from embedded_aws.events.shape import Event
from embedded_aws.organizations.organization import Account
from embedded_aws.sns import Message
from local.aws import LocalAws
from local.commands.account_postures import AccountPostures
from local.commands.presentation.messages import message_title
from local.scenarios import scenario_events as events
from local.scenarios.scenario import Scenario

# Accounts that arrive during the demo.
JOINING = ("payments-prod", "acquired-shop", "data-lake")
_CHANNELS = ("email", "chat", "slack")
# A burst's further alerts reach people as one summary.
_ALERTS = ("Root Activity Alert", "Root Activity Summary")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that happens.

    `act` lets it happen; `notified` is how the titles of the messages end that people must get for it,
    through every channel, and no others.
    """

    title: str
    act: Callable[[], object]
    notified: tuple[str, ...]


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


def steps_of(aws: LocalAws, accounts: Mapping[str, Account]) -> Iterator[Step]:
    """Yield the steps in order; `accounts` are all of demo.yaml's, by name."""
    scenario = Scenario(aws)
    yield from _joining(aws, scenario, accounts)
    for name, status, why in (
        ("legacy-erp", "exempt", "the configuration exempts it"),
        ("sandbox-old", "not active", "it is suspended"),
    ):
        yield Step(
            title=f"{name} is announced again; {why}",
            act=partial(scenario.announce_account, accounts[name].id),
            notified=(f"left alone ({status})",),
        )
    yield from _root_activity(aws, scenario, accounts["legacy-erp"].id, accounts["web-shop"].id)


def _joining(aws: LocalAws, scenario: Scenario, accounts: Mapping[str, Account]) -> Iterator[Step]:
    removed = ("root credentials removed",)
    yield Step(
        title="payments-prod is created, with everything a root user can have; AWS says so three times",
        act=lambda: _create_and_enrol(aws, scenario, accounts["payments-prod"]),
        notified=removed,
    )
    yield Step(
        title="acquired-shop joins by invitation, with the root credentials it always had",
        act=lambda: scenario.invite_account(accounts["acquired-shop"]),
        notified=removed,
    )
    yield Step(
        title="data-lake is created, and refuses root sessions for its first five minutes",
        act=lambda: scenario.create_account(accounts["data-lake"]),
        notified=removed,
    )


def _root_activity(aws: LocalAws, scenario: Scenario, legacy: str, shop: str) -> Iterator[Step]:
    yield Step(
        title="a person signs in to legacy-erp as root, without MFA",
        act=lambda: scenario.sign_in_as_root(legacy),
        notified=("root signed in without MFA",),
    )
    key = aws.state.root_user(legacy).access_keys[0].id
    yield Step(
        title="its root access key makes users, four times within the same minutes",
        act=lambda: [scenario.call_as_root(legacy, access_key_id=key) for _ in range(4)],
        notified=("root called an API: CreateUser", "4 root activities in one burst"),
    )
    yield Step(
        title="an administrator opens a root session in web-shop, past rootwarden",
        act=lambda: scenario.assume_root_as_administrator(shop),
        notified=("root session opened by somebody else",),
    )
    iam = aws.client("iam", account=aws.organization.management_account.id)
    yield Step(
        title="a person switches root sessions off for the organization",
        act=iam.disable_organizations_root_sessions,
        notified=("root protection weakened",),
    )


def _create_and_enrol(aws: LocalAws, scenario: Scenario, account: Account) -> None:
    scenario.create_account(account)
    management, now = aws.organization.management_account.id, aws.clock.now()
    enrolled = {"account": account.id, "name": account.name}
    aws.deliver(events.managed_account("create", management=management, time=now, **enrolled))


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
    exempt = sum((row.keeps or "").startswith("exempt") and any(row.after.values()) for row in postures)
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
