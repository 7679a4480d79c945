"""The report of good sweeps: totals, controls, what changed, and what goes on from sweep to sweep."""

from datetime import timedelta
from typing import Any

import pytest

from rootwarden.hardening.outcome import PostureRecord
from rootwarden.outcomes import iso
from rootwarden.report.controls import CONTROLS, ControlStatus, controls_of
from rootwarden.report.entries import AccountMemory, Entry
from rootwarden.report.report import Report
from rootwarden.root_credentials import CredentialKind, Posture
from tests.unit.fakes import NOON
from tests.unit.given import MANAGEMENT
from tests.unit.report_given import EVERYTHING, KEY, NONE, PASSWORD, Given, account, exposed, row, unreachable

EXEMPT: dict[str, Any] = {"exemption": {"reason": "break glass", "until": "2026-12-31"}}
WINDOW: dict[str, Any] = {
    "recoveryWindow": {"until": iso(NOON + timedelta(hours=4)), "reason": "lost", "openedBy": "ana"}
}
PASS, FAIL, UNKNOWN = ControlStatus.PASS, ControlStatus.FAIL, ControlStatus.UNKNOWN
MFA_ONLY = Posture.of(frozenset({CredentialKind.MFA_DEVICE}))


def entry(report: Report, number: int = 1) -> Entry:
    return next(found for found in report.entries if found.row.account_id == account(number))


def test_the_totals_count_each_account_once_and_say_what_needs_attention() -> None:
    totals = (
        Given()
        .sweep(
            row(1),
            row(2, "hardened"),
            exposed(3),
            exposed(4, **EXEMPT),
            exposed(5, **WINDOW),
            row(6, "partial", None),
            unreachable(7),
            row(8, "not_active", None, state="SUSPENDED"),
            row(9, "management", None, id=MANAGEMENT),
        )
        .totals
    )

    assert totals.to_detail() == {
        "accounts": 9,
        "clean": 1,
        "exposed": 3,
        "hardened": 1,
        "partial": 1,
        "unreachable": 1,
        "not_active": 1,
        "management": 1,
        "exempt": 1,
        "recoveryWindow": 1,
        "needsAttention": 3,
    }
    assert (totals.proven, totals.in_question) == (2, 7)


@pytest.mark.parametrize(
    ("posture", "statuses"),
    [
        (NONE, (PASS, PASS, PASS)),
        (KEY, (FAIL, FAIL, FAIL)),
        (PASSWORD, (PASS, FAIL, FAIL)),
        (EVERYTHING, (FAIL, PASS, UNKNOWN)),
        (MFA_ONLY, (PASS, PASS, UNKNOWN)),
        (Posture.of(frozenset({CredentialKind.SIGNING_CERTIFICATE})), (PASS, FAIL, FAIL)),
        (None, (UNKNOWN, UNKNOWN, UNKNOWN)),
    ],
)
def test_controls_pass_only_by_what_was_seen(
    posture: Posture | None, statuses: tuple[ControlStatus, ...]
) -> None:
    assert tuple(controls_of(posture)[control] for control in CONTROLS) == statuses


def test_an_exemption_does_not_make_a_control_pass() -> None:
    found = entry(Given().sweep(exposed(1, KEY, **EXEMPT)))

    assert FAIL in found.controls.values()


def test_changes_tell_the_accounts_that_differ() -> None:
    given = Given()
    first = given.sweep(row(1), row(2), exposed(3), unreachable(4), row(5), exposed(6))

    second = given.sweep(exposed(1), unreachable(2), row(3, "hardened"), row(4), exposed(6), exposed(7))

    assert first.changes.to_detail() == {
        "added": [], "removed": [], "nowExposed": [], "nowClean": [], "nowUnreachable": [],
    }  # fmt: skip
    assert second.changes.to_detail() == {
        "added": [account(7)],
        "removed": [account(5)],
        "nowExposed": [account(1), account(7)],
        "nowClean": [account(3), account(4)],
        "nowUnreachable": [account(2)],
    }


def test_history_keeps_the_last_90_sweeps() -> None:
    given = Given()
    for _ in range(92):
        report = given.sweep(row())

    assert len(report.history) == 90
    assert report.history[0].sweep_id == "sweep-3"
    assert report.history[-1].sweep_id == "sweep-92"


def test_sweeps_without_posture_are_counted_until_somebody_can_look_again() -> None:
    given = Given()
    counts = [
        entry(given.sweep(one)).sweeps_without_posture
        for one in (unreachable(), row(1, "partial", None), unreachable(), row(), unreachable())
    ]

    assert counts == [1, 2, 3, 0, 1]


@pytest.mark.parametrize("result", ["not_active", "management"])
def test_an_account_that_is_never_looked_at_is_not_out_of_sight(result: str) -> None:
    assert entry(Given().sweep(row(1, result, None))).sweeps_without_posture == 0


def test_an_exposure_lasts_from_the_first_sweep_that_saw_it() -> None:
    given = Given()
    days = [iso(NOON + timedelta(days=day)) for day in range(5)]
    since = [
        entry(given.sweep(one | {"auditedAt": day})).exposed_since
        for one, day in zip(
            (row(), exposed(), unreachable(), exposed(1, KEY), row(1, "hardened")), days, strict=True
        )
    ]

    assert since == [None, *[NOON + timedelta(days=1)] * 3, None]


def test_last_hardened_and_last_proven_come_from_wherever_it_was_seen_last() -> None:
    given = Given()
    given.memory = AccountMemory(
        postures={
            account(1): PostureRecord(
                account_id=account(1),
                name=None,
                posture=NONE,
                result="hardened",
                seen_at=NOON - timedelta(days=3),
            )
        }
    )
    first = entry(given.sweep(unreachable()))
    given.memory = AccountMemory()
    second = entry(given.sweep(unreachable()))
    third = entry(given.sweep(row(1, "hardened")))
    # A removal that no outcome has named stays on record: a sweep that only looks names it every day.
    removed = [{"kind": "password", "id": "password"}]
    key = {"kind": "access_key", "id": "AKIA"}
    days = [NOON + timedelta(days=day) for day in range(5)]
    rows = [
        row(1, "hardened", removed=gone, auditedAt=iso(at))
        for gone, at in zip([[], removed, removed, [*removed, key]], days[1:], strict=True)
    ]
    later = [entry(given.sweep(each)).last_hardened_at for each in rows]
    assert later == [days[1], days[2], days[2], days[4]]

    assert first.last_hardened_at == first.last_proven_at == NOON - timedelta(days=3)
    assert second.last_hardened_at == second.last_proven_at == NOON - timedelta(days=3)
    assert third.last_hardened_at == third.last_proven_at == NOON


def test_an_unreachable_account_keeps_what_the_audit_saw_before_it_failed() -> None:
    found = entry(Given().sweep(unreachable(1, KEY)))

    assert found.row.has_credentials
    assert found.exposed_since == NOON
    assert FAIL in found.controls.values()


@pytest.mark.parametrize(
    ("posture", "needs_attention"),
    [(PASSWORD, False), (MFA_ONLY, False), (KEY, True), (EVERYTHING, True)],
)
def test_a_recovery_window_is_open_for_a_password_and_mfa_alone(
    posture: Posture, *, needs_attention: bool
) -> None:
    report = Given().sweep(exposed(1, posture, **WINDOW))

    assert entry(report).row.needs_attention is needs_attention
    assert report.totals.needs_attention == needs_attention
    assert len(report.concerns) == needs_attention
