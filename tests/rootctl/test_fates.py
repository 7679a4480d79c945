"""What enforcing would do to one account, from its row of a report."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from rootctl.errors import Exit
from rootctl.plan.planned import Fate, Planned, planned
from rootwarden.hardening.removal import RECENTLY_USED, Failure, Preview
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind, Posture
from rootwarden.sweep.sweep import AccountRow, RowResult
from tests.unit.fakes import NOON
from tests.unit.given import member

KEY = Credential(CredentialKind.ACCESS_KEY, "AKIAEXAMPLE")
IN_USE = Failure(KEY.kind, KEY.identifier, RECENTLY_USED, "last used 2026-01-30")
REFUSED = Failure(KEY.kind, KEY.identifier, "AccessDenied", "not authorized to delete")
UNLISTED = Failure(KEY.kind, None, "AccessDenied", "not authorized to list")
NOT_LOOKED_AT = "credentials exist, and which was not looked at: rootctl plan --now"


def fate_of(**changes: Any) -> Planned:
    """Return what is planned for an account that has a key, unless said otherwise."""
    row = AccountRow(
        account=member(),
        result=RowResult.EXPOSED,
        audited_at=NOON,
        posture=Posture.of({CredentialKind.ACCESS_KEY}),
    )
    found = planned(replace(row, **changes), NOON)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("changes", "fate", "why"),
    [
        ({"preview": Preview(goes=frozenset({KEY}))}, Fate.WOULD_REMOVE, None),
        ({"preview": Preview(stays=(IN_USE,))}, Fate.WOULD_LEAVE, None),
        ({"preview": Preview(goes=frozenset({KEY}), stays=(IN_USE,))}, Fate.WOULD_REMOVE, None),
        ({"preview": None}, Fate.NOT_KNOWN, NOT_LOOKED_AT),
        (
            {"preview": Preview(stays=(UNLISTED,))},
            Fate.NOT_KNOWN,
            "not all could be looked at: access key ?: not authorized to list",
        ),
        # A removal after which a key was seen, though nothing is said to have failed.
        ({"result": RowResult.PARTIAL, "preview": Preview()}, Fate.NOT_KNOWN, NOT_LOOKED_AT),
        # The key that is seen is not the password that stays.
        (
            {
                "result": RowResult.PARTIAL,
                "preview": Preview(stays=(Failure(PASSWORD.kind, PASSWORD.identifier, RECENTLY_USED, ""),)),
            },
            Fate.NOT_KNOWN,
            NOT_LOOKED_AT,
        ),
        (
            {"result": RowResult.PARTIAL, "preview": Preview(stays=(REFUSED,))},
            Fate.NOT_KNOWN,
            "could not be removed: access key AKIAEXAMPLE: not authorized to delete",
        ),
        ({"result": RowResult.PARTIAL, "preview": Preview(stays=(IN_USE,))}, Fate.WOULD_LEAVE, None),
        (
            {"result": RowResult.PARTIAL, "posture": None, "code": "Throttling", "message": "slow down"},
            Fate.NOT_KNOWN,
            "Throttling: slow down",
        ),
    ],
)
def test_only_what_was_seen_to_be_in_use_would_be_left(
    changes: dict[str, Any], fate: Fate, why: str | None
) -> None:
    found = fate_of(**changes)

    assert (found.fate, found.why) == (fate, why)
    assert found.exit is (Exit.FAILED if fate is Fate.NOT_KNOWN else Exit.FINDINGS)


OVER = {"exemption_reason": "break glass", "exemption_until": "2026-05-31"}
TODAY = {"exemption_reason": "break glass", "exemption_until": "2026-06-01"}


def _window(until: datetime) -> dict[str, Any]:
    return {"recovery_window": RecoveryWindow(until=until, reason="lost", opened_by="ana")}


@pytest.mark.parametrize(
    ("left_alone_by", "fate", "ends"),
    [
        (TODAY, Fate.LEFT_ALONE, Exit.DONE),
        (OVER, Fate.WOULD_REMOVE, Exit.FINDINGS),
        (_window(NOON + timedelta(minutes=1)), Fate.LEFT_ALONE, Exit.DONE),
        (_window(NOON), Fate.WOULD_REMOVE, Exit.FINDINGS),
        (OVER | _window(NOON + timedelta(minutes=1)), Fate.LEFT_ALONE, Exit.DONE),
    ],
)
def test_what_ended_since_the_sweep_leaves_nothing_alone(
    left_alone_by: dict[str, Any], fate: Fate, ends: Exit
) -> None:
    found = fate_of(preview=Preview(goes=frozenset({KEY})), **left_alone_by)

    assert (found.fate, found.exit) == (fate, ends)
