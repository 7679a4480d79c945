"""Bringing in what waits in accounts' own queues: sent to the queues the bus's rules say, deleted only then.

An account's administrators may write to its queue, so an event from there proves nothing but that
a person put it there: it is marked when it is sent on.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from rootwarden.accounts import Account, AccountState
from rootwarden.activity.watch import read_record
from rootwarden.contract.pattern_matching import UnknownOperator, matches
from rootwarden.events import AccountId, Envelope, Fields, MalformedEvent
from rootwarden.refusals import CallRefused
from rootwarden.undelivered.findings import QueueFindings, UndeliveredEvents

_OF_AWS = "aws."
_OF_PARTNERS = "aws.partner/"


@dataclass(frozen=True, kw_only=True)
class Route:
    """A rule of the hub's bus: what it takes, and the URL of the queue it puts it on."""

    pattern: Mapping[str, Any]
    queue: str


class StaysInQueue(Exception):
    """When an event stays where it is. The text says why."""


def route(body: str, account_id: AccountId, routes: Sequence[Route]) -> tuple[str, ...]:
    """Return the URLs of the queues an event of an account goes to, each once; raises StaysInQueue.

    An account brings in its own events only, and only what rules take that are open to it: organization
    events are pinned to the management account. Outcomes are said by the hub, never by a queue.
    """
    try:
        event = Fields(json.loads(body))
        account, source = event.text("account"), event.text("source")
    except (ValueError, RecursionError, MalformedEvent) as error:
        raise StaysInQueue("it is no event of EventBridge") from error
    if account != account_id:
        raise StaysInQueue("it names another account than the one whose queue it waits in")
    if not source.startswith(_OF_AWS) or source.startswith(_OF_PARTNERS):
        raise StaysInQueue("it is no event of an AWS service")
    queues = tuple(dict.fromkeys(each.queue for each in routes if _takes(each, event)))
    if not queues:
        raise StaysInQueue("no rule of the hub puts it on a queue")
    return queues


def _takes(candidate: Route, event: Fields) -> bool:
    try:
        return isinstance(event.value, Mapping) and matches(candidate.pattern, event.value)
    except UnknownOperator as error:
        raise StaysInQueue(str(error)) from error


# For so long after an account joined its events may be refused: aws:PrincipalOrgID does not hold at once.
REFUSED_AT_FIRST_FOR = timedelta(hours=1)
# A queue holds as many events as are written into it; the rest comes with the next sweep.
MOST = 200
# What is still to be done with the last events handed out, in seconds.
_TO_FINISH = 10.0
# What SQS says of an event itself, such as one that is too long with the mark; all else is about the queue.
_OF_ONE_EVENT = frozenset({"InvalidMessageContents", "InvalidParameterValue"})
_CODE = re.compile(r"[A-Z_]{1,64}")
_SHOWN = 160


@dataclass(frozen=True, kw_only=True)
class WaitingEvent:
    """An event as it waits. code, text: why EventBridge could not send it, as it says."""

    body: str
    receipt: str
    code: str | None
    text: str | None

    @property
    def why(self) -> str:
        """Why it waits, as a line that can be shown whoever wrote it."""
        if not self.code or not _CODE.fullmatch(self.code):
            return "it does not say why, so EventBridge may not have written it"
        shown = " ".join("".join(c if c.isprintable() else " " for c in self.text or "").split())
        return f"{self.code}: {shown[:_SHOWN]}" if shown else self.code


@dataclass(frozen=True, kw_only=True)
class AccountQueue:
    """A queue: an account's, in a Region. joined_at: when the account joined, where that is known."""

    account_id: AccountId
    region: str
    joined_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Regions:
    """From which Regions accounts forward: the management account, and every other one."""

    management: AccountId
    of_management: tuple[str, ...]
    of_members: tuple[str, ...]

    def places(self, accounts: Sequence[Account]) -> Iterator[AccountQueue]:
        """Yield active accounts' queues by Region, so that where sign-ins are recorded all come first."""
        for region in dict.fromkeys((*self.of_management, *self.of_members)):
            for account in accounts:
                is_management = account.account_id == self.management
                forwarding = self.of_management if is_management else self.of_members
                if region in forwarding and account.state == AccountState.ACTIVE:
                    yield AccountQueue(
                        account_id=account.account_id, region=region, joined_at=account.joined_at
                    )


class Queues(Protocol):
    """Accounts' queues and the hub's. Every method raises CallRefused."""

    def waiting(self, place: AccountQueue) -> int | None:
        """Return about how many events wait; None where there is no queue."""

    def receive(self, place: AccountQueue) -> Sequence[WaitingEvent]:
        """Hand out some that were not handed out lately; none where there are no more."""

    def send(self, queue: str, letter: WaitingEvent, place: AccountQueue) -> None:
        """Put an event on a queue of the hub, marked with where it came from."""

    def delete(self, place: AccountQueue, letter: WaitingEvent) -> None:
        """Delete an event that was sent."""


@dataclass(frozen=True, kw_only=True)
class Collector:
    """Looks into queues, at many at once. routes: asked for when the first event is found.

    time_left: seconds until the function must have ended. unforeseen: takes errors that AWS did not answer
    with. sends: False only counts what waits.
    """

    queues: Queues
    routes: Callable[[], Sequence[Route]]
    time_left: Callable[[], float]
    threads: int
    unforeseen: Callable[[Exception], None]
    sends: bool = True

    def collect(self, places: Sequence[AccountQueue]) -> UndeliveredEvents:
        """Look into every queue there is time for, in their order."""
        with ThreadPoolExecutor(self.threads) as executor:
            found = list(executor.map(self._findings, places))
        total = UndeliveredEvents()
        for each in found:
            total += each
        return total

    def _findings(self, place: AccountQueue) -> UndeliveredEvents:
        if self.time_left() < _TO_FINISH:
            return UndeliveredEvents(not_begun=1)
        visit = _Visit(self, place)
        try:
            waiting = self.queues.waiting(place)
            if waiting is None:
                return UndeliveredEvents(without_queue=1)
            visit.waiting = waiting
            if waiting and self.sends:
                visit.bring_in(self.routes())
        except CallRefused as refused:
            return UndeliveredEvents(queues=(visit.findings(refused),))
        except Exception as error:  # noqa: BLE001 - what was found in the other queues is not lost for it
            self.unforeseen(error)
            return UndeliveredEvents(queues=(visit.findings(CallRefused(type(error).__name__, str(error))),))
        return UndeliveredEvents(looked=1, queues=(visit.findings(),) if visit.is_worth_telling else ())


@dataclass
class _Visit:
    """One queue on its way to be emptied."""

    collector: Collector
    place: AccountQueue
    waiting: int = 0
    sent: int = 0
    new: int = 0
    why: Counter[str] = field(default_factory=Counter)
    stays: Counter[str] = field(default_factory=Counter)
    oldest: datetime | None = None

    @property
    def is_worth_telling(self) -> bool:
        return bool(self.waiting or self.why)

    def bring_in(self, routes: Sequence[Route]) -> None:
        while sum(self.why.values()) < MOST and self.collector.time_left() >= _TO_FINISH:
            letters = self.collector.queues.receive(self.place)
            if not letters:
                return
            for letter in letters:
                self._bring_in(letter, routes)

    def _bring_in(self, letter: WaitingEvent, routes: Sequence[Route]) -> None:
        self.why[letter.why] += 1
        at = _time_of(letter)
        if at is not None:
            self.oldest = min(at, self.oldest or at)
        try:
            queues = route(letter.body, self.place.account_id, routes)
            _check_readable(letter)
        except StaysInQueue as reason:
            self.stays[str(reason)] += 1
            return
        try:
            for queue in queues:
                self.collector.queues.send(queue, letter, self.place)
        except CallRefused as refused:
            if refused.code not in _OF_ONE_EVENT:
                raise
            self.stays[f"the hub's queue refuses it: {refused.code}"] += 1
            return
        # Only now: a crash in between leaves it there as well, and the functions know duplicates.
        self.sent += 1
        self.new += self._is_of_a_new_account(at)
        self.collector.queues.delete(self.place, letter)

    def _is_of_a_new_account(self, at: datetime | None) -> bool:
        joined = self.place.joined_at
        return at is not None and joined is not None and at - joined < REFUSED_AT_FIRST_FOR

    def findings(self, refused: CallRefused | None = None) -> QueueFindings:
        return QueueFindings(
            account_id=self.place.account_id,
            region=self.place.region,
            waiting=self.waiting,
            sent=self.sent,
            new=self.new,
            why=dict(self.why),
            stays=dict(self.stays),
            oldest=self.oldest,
            code=refused.code if refused else None,
            message=refused.message if refused else None,
        )


def _check_readable(letter: WaitingEvent) -> None:
    """Read an event as the functions do, which dead-letter what they cannot read; raises StaysInQueue."""
    try:
        envelope = Envelope.from_json(letter.body)
        read_record(envelope)
        # EventBridge looks into lists as well, and the functions do not.
        if envelope.detail.has("userIdentity"):
            identity = envelope.detail.object("userIdentity")
            if identity.has("type"):
                identity.text("type")
    except MalformedEvent as error:
        raise StaysInQueue(f"no function could read it: {error.field}") from error


def _time_of(letter: WaitingEvent) -> datetime | None:
    try:
        return Envelope.from_json(letter.body).time
    except MalformedEvent:
        return None
