"""Two storms: a wave of new accounts, and a flood of records with one critical sign-in among them."""

import json
import random
import statistics
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.virtual_aws import VirtualAws

_SAMPLES = Path(__file__).parents[1] / "tests" / "events"
_ANNOUNCING = (
    ("create_account_result_succeeded", ("createAccountStatus",)),
    ("account_joined_organization_created", ()),
    ("controltower_create_managed_account", ("createManagedAccountStatus", "account")),
)
# Seconds until CloudTrail's record of a call is on the bus.
_TRAIL = 5.0
_SESSIONS = 1_000
_NOISY, CRITICAL = "777788889999", "888899990000"
Event = dict[str, Any]


class Arrivals:
    """When events were put on the bus, by the account they are about."""

    def __init__(self, aws: VirtualAws) -> None:
        """Note what is delivered."""
        self._aws = aws
        self.at: dict[str, float] = {}

    def deliver_at(self, seconds: float, event: Event, account: str, *, late: float = 0) -> None:
        """Put an event on the bus at a time. late: so many seconds after what it says happened."""

        def deliver() -> None:
            now = self._aws.time.now
            self.at.setdefault(account, now)
            event["time"] = event["detail"]["eventTime"] = _iso(datetime.now(UTC) - timedelta(seconds=late))
            self._aws.hub.deliver(event)

        self._aws.time.call_at(seconds, deliver)


def _iso(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


@cache
def _text(name: str) -> str:
    return (_SAMPLES / f"{name}.json").read_text("utf-8")


def _sample(name: str, number: int) -> Event:
    event: Event = json.loads(_text(name))
    event["id"] = event["detail"]["eventID"] = f"{name}-{number}"
    return event


def wave(aws: VirtualAws, accounts: int, seconds: float) -> Arrivals:
    """Announce new accounts within so many seconds, each by three events; our own sessions are recorded."""
    arrivals = Arrivals(aws)
    aws.on_session = lambda account, key: _own_session(aws, account, key)
    for number in range(accounts):
        account = f"{400_000_000_000 + number}"
        # A created account has no root password. Every second of these was invited, and has one.
        if number % 2:
            aws.exposed.add(account)
        for order, (name, path) in enumerate(_ANNOUNCING):
            event = _sample(name, number)
            found = event["detail"]["serviceEventDetails"]
            for part in path:
                found = found[part]
            found["accountId"] = account
            # All three tell of the same moment.
            late = 10.0 * order
            arrivals.deliver_at(seconds * number / accounts + late, event, account, late=late)
    return arrivals


def _own_session(aws: VirtualAws, account: str, key: str) -> None:
    number = len(aws.calls) + hash(key)
    opened = _sample("assume_root_call_own_role", number)
    opened["detail"]["requestParameters"]["targetPrincipal"] = account
    opened["detail"]["responseElements"]["credentials"]["accessKeyId"] = key
    opened["id"] = opened["detail"]["eventID"] = f"opened-{key}"
    later = aws.time.now + _TRAIL
    aws.time.call_at(later, lambda: aws.hub.deliver(opened))
    looked = _probe(account, key, f"looked-{key}")
    aws.time.call_at(later + 1, lambda: aws.hub.deliver(looked))


def _probe(account: str, key: str, event_id: str) -> Event:
    event = _sample("root_session_api_call", 0)
    event["id"] = event["detail"]["eventID"] = event_id
    event["account"] = event["detail"]["recipientAccountId"] = account
    identity = event["detail"]["userIdentity"]
    identity |= {"accountId": account, "accessKeyId": key, "arn": f"arn:aws:iam::{account}:root"}
    event["detail"] |= {"eventName": "GetAccountSummary", "readOnly": True}
    return event


def flood(aws: VirtualAws, records: int, seconds: float) -> Arrivals:
    """Deliver records within so many seconds, the critical sign-in in the middle of them.

    Of ten, six are of our own sessions, two of one root that calls in a loop, two of refused root sessions.
    """
    arrivals = Arrivals(aws)
    for session in range(_SESSIONS):
        key = f"SESSION#ASIAOURS{session:012}"
        aws.table.items[key] = {"pk": {"S": key}, "opener": {"S": "rootwarden"}}
    made: Mapping[int, Callable[[int], Event]] = {
        **dict.fromkeys(range(6), _of_our_session),
        **dict.fromkeys((6, 7), _of_noisy_root),
        **dict.fromkeys((8, 9), _refused),
    }
    _deliver_in_turn(aws, (made[number % 10](number) for number in range(records)), seconds / max(records, 1))
    sign_in = _sample("root_console_login_success_no_mfa", 0)
    _of(sign_in, CRITICAL)
    arrivals.deliver_at(aws.time.now + seconds / 2, sign_in, CRITICAL)
    return arrivals


def _deliver_in_turn(aws: VirtualAws, events: Iterator[Event], apart: float) -> None:
    event = next(events, None)
    if event:
        aws.hub.deliver(event)
        aws.time.call_at(aws.time.now + apart, lambda: _deliver_in_turn(aws, events, apart))


def _of(event: Event, account: str) -> Event:
    event["account"] = event["detail"]["recipientAccountId"] = account
    event["detail"]["userIdentity"] |= {"accountId": account, "arn": f"arn:aws:iam::{account}:root"}
    return event


def _of_our_session(number: int) -> Event:
    account = f"{400_000_000_000 + number % _SESSIONS}"
    event = _probe(account, f"ASIAOURS{number % _SESSIONS:012}", f"ours-{number}")
    if number % 2 == 0:
        # Every other one is no proof of an alarm path, which costs a write.
        event["detail"] |= {"eventName": "DeleteLoginProfile", "readOnly": False}
    return event


def _of_noisy_root(number: int) -> Event:
    return _of(_sample("root_api_long_term_key", number), _NOISY)


def _refused(number: int) -> Event:
    event = _sample("assume_root_call_refused", number)
    event["account"] = event["detail"]["recipientAccountId"] = _NOISY
    event["detail"]["requestParameters"]["targetPrincipal"] = f"{random.Random(number).randrange(10**12):012}"  # noqa: S311 - any id
    return event


def median_and_99th(seconds: list[float]) -> tuple[float, float]:
    """Return what half of them, and all but one in a hundred, took at most."""
    if len(seconds) == 1:
        return seconds[0], seconds[0]
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return cuts[49], cuts[98]
