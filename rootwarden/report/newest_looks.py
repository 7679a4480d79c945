"""What others saw of an account after the sweep had looked: where they found more, their look counts."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from rootwarden.events import AccountId
from rootwarden.hardening.outcome import PostureRecord
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.refusals import CallRefused
from rootwarden.report.previous import PreviousAccount
from rootwarden.root_credentials import Posture
from rootwarden.sweep.sweep import AccountRow, RowResult

OpenWindows = Callable[[Collection[AccountId]], Mapping[AccountId, RecoveryWindow]]
"""Which recovery windows are open in these accounts; raises CallRefused."""


@dataclass(frozen=True, kw_only=True)
class _Look:
    posture: Posture
    result: str
    at: datetime
    said: str
    exemption_reason: str | None = None
    exemption_until: str | None = None

    @classmethod
    def of_record(cls, record: PostureRecord) -> "_Look":
        return cls(
            posture=record.posture, result=record.result, at=record.seen_at, said="seen by a later look"
        )


def with_newer_looks(
    rows: Iterable[AccountRow],
    before: Mapping[AccountId, PreviousAccount],
    postures: Mapping[AccountId, PostureRecord],
    windows: OpenWindows,
) -> tuple[tuple[AccountRow, ...], tuple[str, ...]]:
    """Return the rows, each with the credentials that a later look than its own found; and what is missing.

    windows: is asked of accounts whose row is another one then. A clean row has none, and no unit.
    """
    looked = [
        (row, _worst(row, before.get(row.account_id), postures.get(row.account_id)) if row.posture else row)
        for row in rows
    ]
    others = [now.account_id for row, now in looked if now is not row]
    try:
        found = windows(others) if others else {}
    except CallRefused as refused:
        text = f"which recovery windows are open cannot be read: {refused}"
        return tuple(now for _, now in looked), (text,)
    return tuple(
        row if now is row else replace(now, recovery_window=found.get(now.account_id)) for row, now in looked
    ), ()


def _worst(row: AccountRow, before: PreviousAccount | None, record: PostureRecord | None) -> AccountRow:
    looks = [_Look.of_record(record)] if record else []
    # What a hardening saw after it stands against it, also where that was less.
    is_newest = before and before.audited_at and not (record and record.seen_at >= before.audited_at)
    if before and before.posture and before.audited_at and is_newest:
        looks.append(
            _Look(
                posture=before.posture,
                result=before.result,
                at=before.audited_at,
                said="seen by the sweep before, which looked later",
                exemption_reason=before.exemption_reason,
                exemption_until=before.exemption_until,
            )
        )
    worst = row
    for look in sorted(looks, key=lambda look: look.at):
        worst = _with(worst, look)
    return row if worst is row else _placed(worst, before)


def _with(row: AccountRow, look: _Look) -> AccountRow:
    known = row.posture.present if row.posture else frozenset()
    if look.at <= row.audited_at or look.posture.present <= known:
        return row
    is_partial = RowResult.PARTIAL in (look.result, row.result)
    return replace(
        row,
        result=RowResult.PARTIAL if is_partial else RowResult.EXPOSED,
        posture=look.posture,
        audited_at=look.at,
        preview=None,
        exemption_reason=row.exemption_reason or look.exemption_reason,
        exemption_until=row.exemption_until or look.exemption_until,
        message=f"{row.message}; {look.said}" if row.message else look.said,
    )


def _placed(row: AccountRow, before: PreviousAccount | None) -> AccountRow:
    if before is None or row.account.organizational_units is not None:
        return row
    units = before.account.organizational_units
    return replace(row, account=replace(row.account, organizational_units=units))
