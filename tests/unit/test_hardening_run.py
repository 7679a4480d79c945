"""One message's worth of hardening: duplicates, retries, and what is said of them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from rootwarden.claims import AlreadyDone, RetryLater
from rootwarden.contract.configured import Mode
from rootwarden.events import AccountId
from rootwarden.hardening.announcement import Skip
from rootwarden.hardening.outcome import SWEEP, HardeningOutcome, Result, SkipReason
from rootwarden.hardening.run import REMEMBERED, GaveUp
from rootwarden.messages.hardening_message import hardening_message
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import CredentialKind, Posture
from tests.unit.fakes import NOON, RootUser
from tests.unit.given import MEMBER, TRIGGER, WINDOW, Hardening, announcement

ANOTHER = structs.replace(TRIGGER, event_id="another")
OBSERVED = replace(announcement(), mode=Mode.OBSERVE)
OLD = NOON - timedelta(days=400)
OFF = CallRefused("AccessDenied", "Root credentials management feature is not enabled")


def run(given: Hardening, attempt: int = 1, *, is_last: bool = False) -> HardeningOutcome:
    return given.run.run(announcement(), attempt=attempt, is_last=is_last)


def test_an_observed_account_keeps_what_it_has_and_is_reported_once() -> None:
    given = Hardening()
    before = replace(given.user, keys=dict(given.user.keys), certificates=set(given.user.certificates))

    outcome = given.run.run(OBSERVED, attempt=1, is_last=False)
    given.run.run(OBSERVED, attempt=8, is_last=True)

    assert (outcome.result, outcome.removed, outcome.will_retry) == (Result.OBSERVED, frozenset(), False)
    assert outcome.before == outcome.after == Posture.of(frozenset(CredentialKind))
    assert given.user == before
    assert given.bus.results == [outcome]

    given.user.keys["AKIANEW"] = None
    found = given.run.run(OBSERVED, attempt=1, is_last=False).would_remove - outcome.would_remove
    assert [credential.identifier for credential in found] == ["AKIANEW"]
    assert len(given.bus.results) == 2


@pytest.mark.parametrize("mode", list(Mode))
def test_what_nobody_tried_to_remove_is_never_said_to_be_gone_by_us(mode: Mode) -> None:
    """When it was last used could not be learnt, so it stayed; then root itself deleted it."""
    given = Hardening(user=RootUser(password=True, keys={"AKIAUNKNOWN": None, "AKIAINUSE": NOON}))
    given.sessions.refusals["last used AKIAUNKNOWN"] = OFF
    announced = replace(announcement(), mode=mode)
    if mode is Mode.OBSERVE:
        given.run.run(announced, attempt=1, is_last=False)
        assert not given.memory.removals
    else:
        with pytest.raises(RetryLater):
            given.run.run(announced, attempt=1, is_last=False)
    given.user.keys.clear()
    given.run.run(announced, attempt=2, is_last=False)

    [*_, said] = given.bus.results
    named = {credential.identifier for credential in said.removed | said.may_have_been_removed}
    assert named == ({"password"} if mode is Mode.ENFORCE else set())


def test_a_hardening_after_an_observation_is_no_duplicate() -> None:
    given = Hardening()
    given.run.run(OBSERVED, attempt=1, is_last=False)

    assert run(given).result is Result.HARDENED


def test_an_observation_after_a_hardening_is_a_duplicate() -> None:
    given = Hardening()
    run(given)

    with pytest.raises(AlreadyDone):
        given.run.run(OBSERVED, attempt=1, is_last=False)


def test_an_observation_waits_for_a_hardening_under_way_and_takes_nothing_from_it() -> None:
    given = Hardening()
    given.sessions.refusals["delete password"] = CallRefused("AccessDenied", "explicit deny")
    with pytest.raises(RetryLater):
        run(given)
    given.sessions.refusals.clear()
    given.run.run(replace(OBSERVED, trigger=ANOTHER), attempt=1, is_last=False)

    by_the_way = given.bus.results[-1].removed

    left = {CredentialKind.PASSWORD, CredentialKind.MFA_DEVICE}
    assert {credential.kind for credential in by_the_way} == set(CredentialKind) - left
    # What the first attempt removed is in the last word, though an observation came in between.
    assert {credential.kind for credential in run(given, 2).removed} == set(CredentialKind)

    given.claims.begin(f"{MEMBER}", lease=timedelta(minutes=2))
    given.clock.move(REMEMBERED)
    given.claims.begin(f"{MEMBER}", lease=timedelta(minutes=2))
    with pytest.raises(RetryLater, match="being worked on"):
        given.run.run(OBSERVED, attempt=1, is_last=False)


def test_an_account_with_one_in_govcloud_is_looked_at_though_it_was_proven() -> None:
    given = Hardening()
    run(given)

    another = replace(announcement(), trigger=ANOTHER, gov_cloud_account_id=AccountId("777788889999"))
    outcome = given.run.run(another, attempt=1, is_last=False)

    assert (outcome.result, outcome.gov_cloud_account_id) == (Result.CLEAN, "777788889999")


def test_an_account_announced_again_after_the_hour_is_looked_at_again() -> None:
    given = Hardening()
    run(given)
    with pytest.raises(AlreadyDone):
        run(given)
    given.clock.move(REMEMBERED)

    given.run.run(replace(announcement(), trigger=ANOTHER), attempt=1, is_last=False)

    assert [outcome.result for outcome in given.bus.results] == [Result.HARDENED, Result.CLEAN]


def test_a_duplicate_waits_while_the_account_is_being_hardened() -> None:
    given = Hardening()
    given.claims.begin(announcement().account_id or "", lease=timedelta(minutes=2))

    with pytest.raises(RetryLater, match="being worked on"):
        run(given)

    assert given.bus.published == []


def test_an_unreachable_account_is_said_once_and_once_more_when_it_is_given_up() -> None:
    given = Hardening()
    given.sessions.refusals["audit session"] = OFF

    for attempt in range(1, 8):
        with pytest.raises(RetryLater, match="AccessDenied: Root credentials management"):
            run(given, attempt)
        given.clock.move(timedelta(minutes=1))
    with pytest.raises(GaveUp, match="unreachable after 8 attempts"):
        run(given, 8, is_last=True)

    assert [outcome.will_retry for outcome in given.bus.results] == [True, False]


@pytest.mark.parametrize("code", ["SubscriptionRequiredException", "OptInRequired", "not_in_organization"])
def test_what_aws_says_of_accounts_that_are_too_young_is_waited_out_quietly(code: str) -> None:
    given = Hardening()
    known = dict(given.organization.accounts)
    if code == "not_in_organization":
        given.organization.accounts = {}
    else:
        given.sessions.refusals["audit session"] = CallRefused(code, "The account is not signed up yet")
    for attempt in (1, 2, 3, 4, 5):
        with pytest.raises(RetryLater, match=code):
            run(given, attempt)
    given.organization.accounts, given.sessions.refusals = known, {}

    run(given, 6)

    assert [outcome.result for outcome in given.bus.results] == [Result.UNREACHABLE, Result.HARDENED]
    told = [hardening_message(outcome, "us-east-1") for outcome in given.bus.results]
    assert [each.headline for each in told if each] == ["root credentials removed"]


def test_a_message_put_back_after_giving_up_is_hardened() -> None:
    given = Hardening()
    given.sessions.refusals["delete password"] = CallRefused("AccessDenied", "explicit deny")
    with pytest.raises(GaveUp, match=" password: AccessDenied"):
        run(given, 8, is_last=True)
    given.sessions.refusals.clear()

    outcome = run(given)

    assert outcome.result is Result.HARDENED
    # Each final outcome names what no other one did.
    named = [sorted(c.kind for c in final.removed) for final in given.bus.results]
    assert [len(kinds) for kinds in named] == [3, 2]
    assert named[1] == [CredentialKind.MFA_DEVICE, CredentialKind.PASSWORD]


def test_a_kept_key_is_said_and_ends_the_message() -> None:
    given = Hardening(user=RootUser(keys={"AKIAINUSE": NOON}))

    assert run(given).result is Result.PARTIAL
    assert run(given).result is Result.PARTIAL
    assert len(given.bus.results) == 1
    assert run(given, 8, is_last=True).result is Result.PARTIAL


def test_a_skip_is_said_once_an_hour_but_turns_nobody_away() -> None:
    given = Hardening()
    account = announcement().account_id
    assert account is not None
    given.memory.windows[account] = WINDOW
    run(given)
    run(given)
    del given.memory.windows[account]

    assert run(given).result is Result.HARDENED
    assert [outcome.result for outcome in given.bus.results] == [Result.SKIPPED, Result.HARDENED]


def test_events_that_name_no_account_do_not_hide_each_other() -> None:
    given = Hardening()
    failed = announcement(None, Skip(SkipReason.CREATION_FAILED, "EMAIL_ALREADY_EXISTS"))

    outcome = given.run.run(failed, attempt=1, is_last=False)

    assert outcome.result is Result.SKIPPED
    assert run(given).result is Result.HARDENED


def test_what_was_said_of_one_account_is_said_of_another() -> None:
    given, skip = Hardening(), Skip(SkipReason.MANAGEMENT_ACCOUNT, "root sessions never reach it")
    for account_id in (MEMBER, "777788889999", MEMBER):
        skipped = replace(announcement(), account_id=AccountId(account_id), skip=skip)
        given.run.run(skipped, attempt=1, is_last=False)

    said = [outcome.account.account_id for outcome in given.bus.results]
    assert said == [MEMBER, "777788889999"]


def test_a_sweep_says_every_time_what_it_removed_and_once_what_it_could_not() -> None:
    given = Hardening(user=RootUser(password=True, keys={"AKIAKEY": OLD}))
    given.sessions.refusals["delete AKIAKEY"] = OFF
    said = []
    for number, makes_password in enumerate((True, True, False, False)):
        given.user.password = makes_password
        trigger = structs.replace(TRIGGER, event_name=SWEEP, event_id=f"sweep {number}")
        swept = replace(announcement(), trigger=trigger, mode=Mode.ENFORCE, ignores_recent_result=True)
        with pytest.raises(GaveUp):
            given.run.run(swept, attempt=1, is_last=True)
        said.append(len(given.bus.results))

    assert said == [1, 2, 3, 3]
