"""Accounts that leave: announced, then forgotten."""

import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from rootwarden.accounts import Account, AccountState
from rootwarden.aws.claims_table import ClaimsTable
from rootwarden.aws.departures import Departures
from rootwarden.aws.function import QueueMessage
from rootwarden.aws.state_table import KeyKind, StateTable
from rootwarden.claims import AlreadyDone, RetryLater
from rootwarden.contract.configured import Exemption
from rootwarden.contract.settings import ForgetAccountSettings
from rootwarden.events import AccountId, MalformedEvent
from rootwarden.hardening.outcome import PostureRecord, Progress
from rootwarden.leaving import (
    AccountForgetter,
    AccountIsBack,
    Departure,
    Leaving,
    cleaning_of,
    read_departure,
)
from rootwarden.messages.leaving_message import departure_message
from rootwarden.outcomes import iso
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind, Posture
from tests.unit.fakes import NOON, FakeBus, FakeClock, FakeOrganization
from tests.unit.given import MANAGEMENT, MEMBER, member
from tests.unit.sample_events import envelope, sample

RECORD = PostureRecord(
    account_id=MEMBER, name="payments-prod", posture=Posture.of(frozenset()), result="clean", seen_at=NOON
)
DEPARTED = Departure(
    account_id=MEMBER,
    how=Leaving.DEPARTED,
    method="REMOVED",
    happened_at=envelope("account_departed_organization").time,
)
CLOSED_AT = envelope("close_account_result").time
EXEMPTION = Exemption(account=MEMBER, organizational_unit=None, reason="break glass", until=NOON.date())


@dataclass
class Records:
    """What is kept of the account."""

    kept: dict[AccountId, PostureRecord] = field(default_factory=lambda: {MEMBER: RECORD})
    progress: Progress = field(default_factory=Progress)

    def last(self, account_id: AccountId) -> PostureRecord | None:
        return self.kept.get(account_id)

    def unreported(self, _account_id: AccountId) -> Progress:
        return self.progress

    def forget(self, account_id: AccountId, _left_at: datetime) -> None:
        self.progress = Progress()
        self.kept.pop(account_id, None)


def forgetter(
    records: Records, bus: FakeBus, *exemptions: Exemption, account: Account | None = None
) -> AccountForgetter:
    organization = FakeOrganization({MEMBER: account} if account else {})
    return AccountForgetter(
        records=records, directory=organization, exemptions=exemptions, publish=bus, clock=FakeClock()
    )


def _ignore(_note: str) -> None:
    """Keep no note."""


def read(event: str | dict[str, Any]) -> Departure | None:
    return read_departure(envelope(event), MANAGEMENT)


def test_a_departure_is_read() -> None:
    assert read("account_departed_organization") == DEPARTED


@pytest.mark.parametrize("spelled", ["departureMethod", "departedMethod"])
def test_the_method_is_found_as_either_is_spelled(spelled: str) -> None:
    details = {"accountId": MEMBER, spelled: "LEFT"}

    found = read(sample("account_departed_organization", serviceEventDetails=details))

    assert found == replace(DEPARTED, method="LEFT")


def test_the_cleaning_of_a_closed_account_is_its_own_kind_of_departure() -> None:
    cleaned = read("account_departed_organization_cleaned")

    assert cleaned is not None
    assert replace(cleaned, happened_at=DEPARTED.happened_at) == replace(DEPARTED, method="CLEANED")
    assert cleaned.work == cleaning_of(MEMBER) != DEPARTED.work


def test_the_management_account_never_departs() -> None:
    details = {"accountId": MANAGEMENT}

    with pytest.raises(MalformedEvent, match="a member account"):
        read(sample("account_departed_organization", serviceEventDetails=details))


def test_a_closed_account_is_read() -> None:
    assert read("close_account_result") == Departure(
        account_id=MEMBER, how=Leaving.CLOSED, method=None, happened_at=CLOSED_AT
    )


def test_an_account_that_could_not_be_closed_stays() -> None:
    status = {"closeAccountStatus": {"accountId": MEMBER, "state": "FAILED"}}

    assert read(sample("close_account_result", serviceEventDetails=status)) is None


@pytest.mark.parametrize(
    ("event", "field"),
    [
        (sample("account_departed_organization") | {"account": MEMBER}, "account"),
        (sample("create_account_result_succeeded"), "detail.eventName"),
        (
            sample("account_departed_organization", serviceEventDetails={}),
            "detail.serviceEventDetails.accountId",
        ),
    ],
)
def test_what_tells_of_no_departure_names_the_field(event: dict[str, Any], field: str) -> None:
    with pytest.raises(MalformedEvent) as refused:
        read(event)

    assert refused.value.field == field


def test_an_account_is_announced_and_forgotten() -> None:
    records, bus = Records(), FakeBus()

    outcome = forgetter(records, bus, EXEMPTION).forget(DEPARTED, _ignore)

    assert bus.published == [outcome]
    assert outcome.account.name == "payments-prod"
    assert (outcome.last_result, outcome.last_seen_at) == ("clean", NOON)
    assert outcome.exemption_until == "2026-06-01"
    assert records.kept == {}


def test_what_a_stopped_hardening_did_is_named_when_the_account_leaves() -> None:
    key = Credential(CredentialKind.ACCESS_KEY, "AKIA1")
    progress = Progress(tried=frozenset({PASSWORD, key}), removed=frozenset({PASSWORD}))
    records, bus = Records(progress=progress), FakeBus()

    outcome = forgetter(records, bus).forget(DEPARTED, _ignore)

    assert (outcome.removed, outcome.may_have_been_removed) == (frozenset({PASSWORD}), frozenset({key}))
    said = departure_message(outcome, "us-east-1")
    assert said.done.startswith(
        "Removed the password. An attempt that was stopped may have removed an access key: nothing proves it."
    )
    assert ("May have removed access key", "AKIA1") in said.facts
    assert not records.progress


def test_a_departure_that_is_repeated_after_a_crash_is_said_in_the_same_words() -> None:
    progress = Progress(removed=frozenset({PASSWORD}))
    records, bus, notes = Records(progress=progress), FakeBus(), list[str]()
    first = forgetter(records, bus, EXEMPTION).forget(DEPARTED, notes.append)

    # It had forgotten the account, and stopped before its message was done.
    again = forgetter(records, bus).forget(DEPARTED, notes.append, notes[0])
    another = replace(DEPARTED, happened_at=DEPARTED.happened_at + timedelta(days=1))
    later = forgetter(records, bus).forget(another, notes.append, notes[0])

    assert again == first
    assert again.removed == {PASSWORD}
    assert (later.account.name, later.removed, len(notes)) == (None, frozenset(), 2)


LATER, EARLIER = DEPARTED.happened_at + timedelta(days=1), DEPARTED.happened_at - timedelta(days=1)


@pytest.mark.parametrize(
    ("account", "error"),
    [
        (replace(member(), joined_at=LATER), AccountIsBack),
        (replace(member(), joined_at=EARLIER), RetryLater),
        (member(), RetryLater),
    ],
    ids=["it joined again", "Organizations is behind", "nobody says when it joined"],
)
@pytest.mark.parametrize("how", [Leaving.DEPARTED, Leaving.CLOSED])
def test_an_account_that_is_in_the_organization_is_not_forgotten(
    how: Leaving, account: Account, error: type[Exception]
) -> None:
    records, bus = Records(), FakeBus()

    with pytest.raises(error):
        forgetter(records, bus, account=account).forget(replace(DEPARTED, how=how), _ignore)

    assert records.kept
    assert bus.published == []


@pytest.mark.parametrize("state", [AccountState.SUSPENDED, AccountState.PENDING_CLOSURE, AccountState.CLOSED])
def test_a_closed_account_is_forgotten_while_organizations_keeps_it(state: AccountState) -> None:
    records, bus = Records(), FakeBus()

    forgetter(records, bus, account=member(state)).forget(replace(DEPARTED, how=Leaving.CLOSED), _ignore)

    assert not records.kept
    assert len(bus.published) == 1


def test_an_account_nobody_knew_is_announced_all_the_same() -> None:
    bus = FakeBus()

    outcome = forgetter(Records({}), bus).forget(DEPARTED, _ignore)

    assert (outcome.last_result, outcome.last_seen_at, outcome.exemption_until) == (None, None, None)
    assert bus.published == [outcome]


def test_an_event_that_is_brought_in_again_days_later_is_not_announced_again(
    table: StateTable, clock: FakeClock
) -> None:
    bus = FakeBus()
    settings = ForgetAccountSettings(
        event_bus_name="rootwarden",
        owner_tag="owner",
        state_table_name="state",
        queue_url="https://queue",
        max_receive_count=8,
        management_account_id=MANAGEMENT,
        exemptions=(),
    )
    departures = Departures(settings, ClaimsTable(table, KeyKind.LEFT), forgetter(Records(), bus))

    def handle(**of_it: str) -> None:
        body = json.dumps({**sample("account_departed_organization"), **of_it})
        with suppress(AlreadyDone):
            departures.handle(QueueMessage(body, attempt=1, is_last=False, is_collected=False))

    for days in (0, 1, 12):
        clock.move(timedelta(days=days))
        handle(id="first")
        # It says the same departure, within the hour.
        handle(id="second")

    assert len(bus.published) == 1
    handle(id="of another departure")
    assert len(bus.published) == 2
    # It joined again and left again, within the hour and later; two events say that, too.
    for times, minutes in enumerate((40, 300), 3):
        clock.move(timedelta(minutes=minutes))
        for seconds in (0, 2):
            again = DEPARTED.happened_at + timedelta(minutes=minutes, seconds=seconds)
            handle(id=f"left again {again}", time=iso(again))
        assert len(bus.published) == times


def test_an_account_is_not_forgotten_before_somebody_heard() -> None:
    records, bus = Records(), FakeBus(failures=1)

    with pytest.raises(ConnectionError):
        forgetter(records, bus).forget(DEPARTED, _ignore)

    assert records.kept
