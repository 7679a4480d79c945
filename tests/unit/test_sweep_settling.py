"""What a hardening's outcome leaves of a sweep's row: what stays, and what earlier attempts removed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rootwarden.hardening.outcome import Progress
from rootwarden.hardening.removal import Failure, Preview
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind, LastUse, Posture
from rootwarden.sweep.sweep import AccountRow, RowResult
from tests.unit.fakes import NOON, RootUser
from tests.unit.given import MEMBER, Hardening
from tests.unit.test_sweep_judgement import CLEAN, EVERYTHING, LISTED, Sweeping

KEY = Credential(CredentialKind.ACCESS_KEY, "AKIAREMOVED000000001")
OTHER_KEY = "AKIASTAYS00000000002"
SEEN = Preview(goes=frozenset({PASSWORD}))
FOUND = AccountRow(
    account=LISTED,
    result=RowResult.EXPOSED,
    audited_at=NOON,
    posture=Posture.of({CredentialKind.ACCESS_KEY}),
    preview=SEEN,
)


def _stopped_before(user: RootUser) -> Sweeping:
    """An account whose last attempt removed the password, and stopped over a key."""
    sweeping = Sweeping(hardening=Hardening(user=user))
    progress = Progress(before=EVERYTHING, removed=frozenset({PASSWORD}), tried=frozenset({KEY}))
    sweeping.hardening.memory.removals[MEMBER] = progress.to_json()
    return sweeping


def test_what_earlier_attempts_removed_is_named_though_the_account_is_only_looked_at() -> None:
    sweeping = _stopped_before(RootUser(keys={OTHER_KEY: None}))

    row = sweeping.judging.settle(FOUND)

    text = f"an attempt that was stopped may have removed access_key {KEY.identifier}"
    assert row == replace(FOUND, removed=(PASSWORD,), code="MayHaveBeenRemoved", message=text)
    assert list(sweeping.hardening.user.keys) == [OTHER_KEY]
    assert sweeping.hardening.memory.removals == {}


def test_an_account_that_is_clean_by_now_was_hardened_by_the_attempts_before() -> None:
    row = _stopped_before(RootUser()).judging.settle(replace(FOUND, preview=None))

    assert row == replace(
        FOUND, result=RowResult.HARDENED, posture=CLEAN, preview=Preview(), removed=(KEY, PASSWORD)
    )


def test_a_row_that_could_not_be_settled_stays_as_it_was() -> None:
    sweeping = _stopped_before(RootUser(keys={OTHER_KEY: None}))
    sweeping.hardening.bus.failures = 1

    assert sweeping.judging.settle(FOUND) == FOUND


@pytest.mark.parametrize("refused", [False, True])
def test_what_a_hardening_leaves_is_in_the_row_with_its_last_use(*, refused: bool) -> None:
    used_at = NOON - timedelta(days=1)
    sweeping = Sweeping(hardening=Hardening(user=RootUser(keys={OTHER_KEY: used_at})))
    if refused:
        sweeping.hardening.sessions.refusals["audit session"] = CallRefused("AccessDenied", "explicit deny")

    row = sweeping.judge(FOUND.posture or EVERYTHING, preview=SEEN)

    if refused:
        # Nobody looked again: what the audit saw is all that is known.
        assert (row.result, row.preview) == (RowResult.UNREACHABLE, SEEN)
        return
    assert row.preview
    [stays] = row.preview.stays
    assert isinstance(stays, Failure)
    assert (stays.identifier, stays.code) == (OTHER_KEY, "RecentlyUsed")
    assert row.preview.last_used == {LastUse(CredentialKind.ACCESS_KEY, OTHER_KEY, used_at)}


def test_a_hardening_is_begun_as_long_as_there_is_time_for_one() -> None:
    assert Sweeping(left=20).judge().result is RowResult.HARDENED
