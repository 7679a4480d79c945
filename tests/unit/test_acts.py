"""Which records are one act, and whose burst they join: by this repeats are counted and news alerts."""

import re
from typing import Any

import pytest

from rootwarden.activity.acts import Act, BurstReference, act_of, burst_of
from rootwarden.activity.bursts import (
    BURST_LENGTH,
    AlertedEvent,
    Burst,
    BurstChange,
    BurstEffect,
    bursts_needed,
    join_burst,
)
from rootwarden.activity.memory import AccountNames
from rootwarden.activity.outcomes import ActivitySummary, Actor
from rootwarden.activity.root_activity import ActorKind
from rootwarden.contract.activities import Activity, Severity
from rootwarden.events import AccountId
from rootwarden.outcomes import AccountReference
from rootwarden.refusals import CallRefused
from tests.unit.fake_state import FakeActivityMemory
from tests.unit.fakes import NOON, FakeOrganization
from tests.unit.given import MEMBER, Assessment, member
from tests.unit.sample_events import record, sample
from tests.unit.test_activity_assessment import assess

HUB_ACCOUNT = AccountReference(account_id=AccountId("222233334444"))
ROOT = f"arn:aws:iam::{MEMBER}:root"
REFUSED = {"errorCode": "AccessDenied"}
LATER = NOON + BURST_LENGTH / 3


@pytest.mark.parametrize(
    ("event", "changed", "activity", "severity", "name"),
    [
        # Critical acts differ by their event as well; a command line session is one act.
        ("root_api_long_term_key", {}, "api_call", "critical", "api_call#done#CreateUser"),
        ("root_api_long_term_key", REFUSED, "api_call", "critical", "api_call#tried#CreateUser"),
        ("root_cli_login_authorized", {}, "cli_session", "critical", "cli_session#done#"),
        ("root_console_login_success_mfa", {}, "sign_in_succeeded", "high", "sign_in_succeeded#done"),
        # What is no worse than medium is all alike.
        ("root_console_login_failure", {}, "sign_in_failed", "medium", "medium"),
        ("root_check_mfa", {}, "sign_in_step", "low", "low"),
    ],
)
def test_an_act_is_named_by_what_makes_it_news(
    event: str, changed: dict[str, str], activity: str, severity: str, name: str
) -> None:
    act = act_of(record(sample(event, **changed)), Activity(activity), Severity(severity), MEMBER)

    assert act == Act(
        event=act.event,
        name=name,
        severity=Severity(severity),
        stands_out=severity in {"critical", "high"},
        account=None,
    )


@pytest.mark.parametrize(
    ("severity", "name"),
    [
        ("critical", r"root_session_opened#done#AssumeRoot#[0-9a-f]{16}"),
        ("high", r"root_session_opened#done#[0-9a-f]{16}"),
        ("low", "low"),
    ],
)
def test_an_opened_session_names_the_account_it_reached_for(severity: str, name: str) -> None:
    act = act_of(record("assume_root_call"), Activity.ROOT_SESSION_OPENED, Severity(severity), MEMBER)

    assert re.fullmatch(name, act.name)
    assert act.account == MEMBER


def of_root(kind: ActorKind, **changed: str | None) -> BurstReference:
    """The burst of root of the member, from the address and under the incident that are given."""
    actor = Actor(kind=kind, arn=ROOT, access_key_id=None)
    shared: dict[str, Any] = {"source_ip": None, "incident": None, **changed}
    return BurstReference(account=AccountReference(account_id=MEMBER), actor=actor, **shared)


def of_the_caller(arn: str, incident: str | None) -> BurstReference:
    """The burst of who asks for root sessions: no account, address or session name makes it another."""
    actor = Actor(kind=ActorKind.PRINCIPAL, arn=arn, access_key_id=None)
    return BurstReference(account=HUB_ACCOUNT, actor=actor, source_ip=None, incident=incident)


ROLE = "arn:aws:iam::222233334444:role/SecurityOperator"
SESSION = "aws login#arn:aws:signin:eu-central-1:444455556666:session/0f1e2d3c"


@pytest.mark.parametrize(
    ("event", "activity", "reference"),
    [
        (
            "root_console_login_success_mfa",
            "sign_in_succeeded",
            of_root(ActorKind.SIGN_IN, source_ip="192.0.2.0"),
        ),
        ("root_console_login_failure", "sign_in_failed", of_root(ActorKind.SIGN_IN)),
        (
            "root_cli_login_authorized",
            "cli_session",
            of_root(ActorKind.CLI_LOGIN, source_ip="198.51.100.23", incident=SESSION),
        ),
        ("assume_root_call", "root_session_opened", of_the_caller(ROLE, "root sessions")),
        ("assume_root_call_refused", "root_session_refused", of_the_caller(ROLE, None)),
    ],
)
def test_a_burst_is_of_who_would_repeat_it(event: str, activity: str, reference: BurstReference) -> None:
    actor = reference.actor
    assert actor is not None
    found = record(event)

    assert burst_of(found, Activity(activity), Severity.HIGH, actor, MEMBER) == reference


def test_only_what_has_a_budget_needs_the_accounts_burst_too() -> None:
    whose = of_root(ActorKind.SIGN_IN)
    needed = {
        severity: bursts_needed(whose, Act(event="1", name="act", severity=severity)) for severity in Severity
    }

    assert needed[Severity.MEDIUM] == (whose.key, f"{MEMBER}####medium")
    assert needed[Severity.HIGH] == needed[Severity.CRITICAL] == (whose.key,)


def test_what_repeats_counts_one_more_and_asks_once_for_a_summary() -> None:
    first = Act(event="first", name="medium", severity=Severity.MEDIUM)
    opened = join_burst(None, first, NOON).burst
    again = Act(event="again", name="medium", severity=Severity.MEDIUM)

    joined = join_burst(opened, again, LATER)

    grown = Burst(
        opened_at=NOON,
        ends_at=NOON + BURST_LENGTH,
        last_at=LATER,
        count=2,
        acts={"medium": AlertedEvent("first", Severity.MEDIUM)},
    )
    assert joined == BurstChange(step=BurstEffect.COUNTS, burst=grown, owes_summary=True)
    assert not join_burst(grown, again, LATER).owes_summary


def test_what_stands_out_is_remembered_and_the_same_event_again_changes_nothing() -> None:
    first = Act(event="first", name="medium", severity=Severity.MEDIUM)
    opened = join_burst(None, first, NOON).burst
    worse = Act(event="worse", name="high", severity=Severity.HIGH, stands_out=True)

    joined = join_burst(opened, worse, LATER)

    grown = Burst(
        opened_at=NOON,
        ends_at=NOON + BURST_LENGTH,
        last_at=LATER,
        count=2,
        acts={
            "medium": AlertedEvent("first", Severity.MEDIUM),
            "high": AlertedEvent("worse", Severity.HIGH),
        },
    )
    assert opened.last_at == NOON
    assert joined == BurstChange(step=BurstEffect.STANDS_OUT, burst=grown)
    assert join_burst(grown, worse, LATER) == BurstChange(step=BurstEffect.SEEN_BEFORE, burst=grown)


def test_a_summary_says_whose_burst_it_was_from_where_and_when() -> None:
    given = Assessment()
    for number in range(3):
        assess(given, sample("root_check_mfa", eventID=f"check-{number}"))
        given.clock.move(BURST_LENGTH / 5)
    [(reference, burst)] = given.reminders.sent

    assert not given.grouping.summarise(reference, burst.opened_at)
    assert given.reminders.sent[1:] == [(reference, given.bursts.kept[reference.key])]
    given.clock.move(BURST_LENGTH)
    assert given.grouping.summarise(reference, burst.opened_at)

    assert given.bus.summaries == [
        ActivitySummary(
            account=AccountReference.of(member()),
            actor=Actor(kind=ActorKind.SIGN_IN, arn=ROOT, access_key_id=None),
            source_ip="192.0.2.0",
            count=3,
            alerted=1,
            highest=Severity.MEDIUM,
            first_at=NOON,
            last_at=NOON + 2 * BURST_LENGTH / 5,
        )
    ]


def test_a_burst_that_nobody_knows_has_no_summary() -> None:
    assert not Assessment().grouping.summarise(of_root(ActorKind.SIGN_IN), NOON)


def test_a_name_that_is_remembered_is_not_asked_for_again() -> None:
    remembered = AccountReference(account_id=MEMBER, name="as it was")
    names = AccountNames(FakeActivityMemory(names={MEMBER: remembered}), FakeOrganization({MEMBER: member()}))

    assert names.of(MEMBER) == remembered


def test_only_a_summary_lacks_its_accounts_name() -> None:
    given = Assessment()
    given.organization.accounts = {}
    assess(given, "root_check_mfa")
    [alert] = given.bus.alerts

    assert AccountNames(FakeActivityMemory(), FakeOrganization({MEMBER: member()})).named(alert) is alert


def test_an_account_that_organizations_does_not_name_goes_by_its_id() -> None:
    refused = FakeOrganization({}, refusal=CallRefused("TooManyRequestsException", "slow down"))
    by_id = AccountReference(account_id=MEMBER)
    memory = FakeActivityMemory()

    assert AccountNames(memory, refused).of(MEMBER) == by_id
    assert memory.names == {}
    # That it knows none of this id is an answer: it is not asked again.
    assert AccountNames(memory, FakeOrganization({})).of(MEMBER) == by_id
    assert memory.names == {MEMBER: by_id}
