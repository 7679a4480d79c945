"""Whether what is deployed works: who gets alerts, whether members forward, what they could not send."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from rootwarden.events import AccountId
from rootwarden.refusals import CallRefused
from rootwarden.report.checks import (
    FEATURES,
    Check,
    CheckName,
    by_account,
    failed_check,
    first_of_many,
    passed_check,
    unasked,
    unknown_check,
)
from rootwarden.undelivered.findings import QueueFindings, UndeliveredEvents

_DAY = timedelta(days=1)
# Neither is a failure: CloudFormation has not come to it yet, or leaves a suspended account alone.
_NO_FAILURE = frozenset({"PENDING", "RUNNING", "SKIPPED_SUSPENDED_ACCOUNT"})
# What AWS answers a hub that nothing has been switched on for.
_NOT_THERE: Mapping[str, str] = {
    "AccessDenied": "the hub may not ask yet",
    "AccessDeniedException": "the hub may not ask yet",
    "AccountNotManagementOrDelegatedAdministratorException": "the hub is not the delegated administrator yet",
    "ServiceAccessNotEnabledException": "IAM has no trusted access yet",
}


class Subscription(StrEnum):
    """How an address stands with a topic."""

    CONFIRMED = "confirmed"
    PENDING = "pending"
    NONE = "none"


_WHY_UNREACHED = {
    Subscription.PENDING: "has not confirmed the subscription",
    Subscription.NONE: "is not subscribed",
}


@dataclass(frozen=True, kw_only=True)
class Recipients:
    """Whom the configuration has alerts sent to, and how each address AWS knows stands."""

    configured: tuple[str, ...]
    found: Mapping[str, Subscription] | CallRefused

    def unreached(self) -> Iterator[tuple[str, Subscription]]:
        """Yield each configured address that gets nothing, and why; nothing where AWS refused to say."""
        if isinstance(self.found, CallRefused):
            return
        known = {address.lower(): subscription for address, subscription in self.found.items()}
        for address in self.configured:
            stands = known.get(address.lower(), Subscription.NONE)
            if stands is not Subscription.CONFIRMED:
                yield address, stands


def alert_subscriptions(recipients: Recipients) -> Check:
    """Check that every configured address gets alerts."""
    name = CheckName.ALERT_SUBSCRIPTIONS
    if isinstance(recipients.found, CallRefused):
        return unasked(name, recipients.found)
    # No subjects: each address is a concern of its own.
    if unreached := [f"{address} ({_WHY_UNREACHED[stands]})" for address, stands in recipients.unreached()]:
        return failed_check(name, f"get no alerts: {', '.join(unreached)}")
    text = f"all {len(recipients.configured)} configured addresses are subscribed and confirmed"
    return passed_check(name, text)


@dataclass(frozen=True)
class Instance:
    """What is deployed in one account and Region.

    status: CURRENT when all is well; detailed: what CloudFormation did last there; why: its words.
    """

    account: AccountId
    region: str
    status: str
    why: str | None
    detailed: str | None = None
    stack_set: str | None = None

    @property
    def has_failed(self) -> bool:
        """Say whether it is not as it should be, and CloudFormation will not change that by itself."""
        return self.status != "CURRENT" and self.detailed not in _NO_FAILURE


@dataclass(frozen=True)
class Instances:
    """The StackSets' instances. is_whole: False where there was no time for the rest."""

    found: tuple[Instance, ...]
    is_whole: bool = True

    @classmethod
    def within(cls, seconds: float, instances: Iterable[Instance], clock: Callable[[], float]) -> Self:
        """Return as many as AWS names in so many seconds: of many accounts it takes many calls."""
        found, end = [], clock() + seconds
        for each in instances:
            found.append(each)
            if clock() > end:
                return cls(tuple(found), is_whole=False)
        return cls(tuple(found))


@dataclass(frozen=True, kw_only=True)
class Forwarders:
    """The active members. regions: from which each is to forward; new: who joined a moment ago."""

    regions: Mapping[AccountId, Collection[str]]
    new: Collection[AccountId]

    def without_any(self, answer: Instances) -> list[AccountId]:
        """Return those that have no instance at all."""
        return sorted(self.regions.keys() - {each.account for each in answer.found})

    def gaps(self, answer: Instances) -> list[tuple[AccountId, str]]:
        """Return, of those that have an instance, the accounts and Regions that have none."""
        there = {(each.account, each.region) for each in answer.found}
        some = sorted({account for account, _ in there} & self.regions.keys())
        every = [(account, region) for account in some for region in self.regions[account]]
        return [place for place in every if place not in there]


def member_stacks(answer: Instances | CallRefused | None, members: Forwarders) -> Check:
    """Check that active members have their instances and none failed; None: the hub cannot see them."""
    name = CheckName.MEMBER_STACKS
    if isinstance(answer, CallRefused):
        return unasked(name, answer)
    if answer is None:
        text = (
            "the hub is another account, and only the management account sees the StackSet:"
            " rootctl doctor --management-profile NAME"
        )
        return unknown_check(name, text)
    if not answer.is_whole or any(each.has_failed for each in answer.found):
        return _some_instances(name, answer, members)
    return _every_instance(name, answer, members)


def _some_instances(name: CheckName, answer: Instances, members: Forwarders) -> Check:
    looked = _counted(len(answer.found), "instance")
    faulty = [each for each in answer.found if each.has_failed]
    if faulty:
        without = members.without_any(answer) if answer.is_whole else []
        gaps = _old_gaps(answer, members) if answer.is_whole else []
        rest = f"; no instance in {first_of_many([*without, *by_account(gaps)])}" if without or gaps else ""
        named = first_of_many([f"{each.account} in {each.region} ({each.status})" for each in faulty])
        # Of how many accounts there was time for is another number every day.
        where = by_account([*((each.account, each.region) for each in faulty), *gaps])
        subjects = where if answer.is_whole else sorted({each.region for each in faulty})
        return failed_check(name, f"do not forward as they should: {named}{rest}", subjects=subjects)
    return unknown_check(
        name, f"no time was left for all: looked at {looked}, and none failed: rootctl doctor"
    )


def _every_instance(name: CheckName, answer: Instances, members: Forwarders) -> Check:
    looked = _counted(len(answer.found), "instance")
    if members.regions and not answer.found:
        text = "the StackSet is gone or has no instance, so no member forwards: rootctl doctor"
        return failed_check(name, text, subjects=("no instance",))
    if gaps := by_account(_old_gaps(answer, members)):
        return failed_check(name, f"{looked} deployed, and no instance: {first_of_many(gaps)}", subjects=gaps)
    without = sorted({*members.without_any(answer), *(account for account, _ in members.gaps(answer))})
    if without:
        text = (
            f"{looked} deployed, and none, or not all, in accounts that are new or in no unit of the StackSet"
        )
        return unknown_check(name, f"{text}: {first_of_many(without)}")
    return passed_check(name, f"{looked} of the StackSet deployed, and none failed")


def _old_gaps(answer: Instances, members: Forwarders) -> list[tuple[AccountId, str]]:
    return [(account, region) for account, region in members.gaps(answer) if account not in members.new]


def why_too_early(features: frozenset[str] | CallRefused) -> str | None:
    """Say why the organization's stack is not there yet; None where it is.

    Ask only before the first report: later the same answer is a finding. Raises any other refusal.
    """
    if isinstance(features, CallRefused):
        if features.code not in _NOT_THERE:
            raise features
        return f"{_NOT_THERE[features.code]} ({features})"
    off = [name for name in FEATURES.values() if name not in features]
    return f"{' and '.join(off)} not switched on yet" if off else None


def undelivered(findings: UndeliveredEvents, *, accounts: int, at: datetime) -> Check:
    """Check that accounts can send their events: `accounts` are in the list, whose queues were to be seen.

    What waited because its account was new is no fault.
    """
    name = CheckName.UNDELIVERED
    unseen = max(accounts - findings.accounts_asked, 0)
    gaps = _gaps(findings, unseen)
    if findings.unexpected:
        text = "; ".join([_found(findings, at), *gaps])
        where = by_account((queue.account_id, queue.region) for queue in findings.faulty)
        return failed_check(name, text, subjects=where)
    if gaps:
        text = "; ".join([*([_found(findings, at)] if findings.found else []), *gaps])
        code = next((queue.code for queue in findings.refused), None) or "NotLookedAt"
        return unknown_check(name, text, code)
    if findings.found:
        text = f"{_found(findings, at)}: their accounts were new, and the hub's bus did not know them yet"
        return passed_check(name, text)
    text = f"nothing waits in the {_counted(findings.looked, 'queue')} of accounts that were looked into"
    if findings.without_queue:
        places = _counted(findings.without_queue, "place")
        text += f"; in {places} there is none: what cannot be sent from there is lost"
    # Where there is no queue, nothing was looked into.
    is_whole = findings.looked and not findings.without_queue
    return passed_check(name, text) if is_whole else unknown_check(name, text)


def _found(findings: UndeliveredEvents, at: datetime) -> str:
    where = _named(queue for queue in findings.queues if queue.found)
    text = f"{_counted(findings.found, 'event')} could not be sent to the hub: {where}"
    text += f"; {findings.sent} brought in, {findings.left} waiting still"
    if findings.oldest and at - findings.oldest >= _DAY:
        text += f"; the oldest is {_counted((at - findings.oldest) // _DAY, 'day')} old"
    details = [f"why: {_reasons(findings.reasons())}"] if findings.reasons() else []
    details += [f"not brought in: {_reasons(findings.stays())}"] if findings.stays() else []
    return "; ".join([text, *details])


def _gaps(findings: UndeliveredEvents, unseen: int) -> list[str]:
    gaps = []
    if findings.refused:
        codes = sorted({str(queue.code) for queue in findings.refused})
        gaps.append(
            f"could not look into, or empty, {_counted(len(findings.refused), 'queue')}"
            f" ({', '.join(codes)}): {_named(findings.refused)}"
        )
    if findings.not_begun:
        queues = _counted(findings.not_begun, "queue")
        gaps.append(f"not all is known of {queues}: no time was left, or an attempt at them died")
    if unseen:
        gaps.append(f"not looked into: the queues of {_counted(unseen, 'account')}: see the function's log")
    return gaps


def _named(queues: Iterable[QueueFindings]) -> str:
    return first_of_many([f"{queue.account_id} in {queue.region}" for queue in queues])


def _reasons(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} ({count})" for reason, count in counts.items())


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
