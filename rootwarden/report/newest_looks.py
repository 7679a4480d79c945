"""What others saw of an account after the sweep had looked: where they found more, their look counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from rootwarden.events import AccountId
from rootwarden.hardening.outcome import PostureRecord
from rootwarden.report.previous import PreviousAccount
from rootwarden.root_credentials import Posture
from rootwarden.sweep.sweep import AccountRow, RowResult

_BY = "seen after this sweep had looked, by"


@dataclass(frozen=True)
class _Look:
    posture: Posture
    result: str
    at: datetime
    by: str


def with_newer_looks(
    rows: Iterable[AccountRow],
    before: Mapping[AccountId, PreviousAccount],
    postures: Mapping[AccountId, PostureRecord],
) -> tuple[AccountRow, ...]:
    """Return the rows, each with the credentials that a later look than its own found besides."""
    return tuple(
        _worst(row, before.get(row.account_id), postures.get(row.account_id)) if row.posture else row
        for row in rows
    )


def _worst(row: AccountRow, before: PreviousAccount | None, record: PostureRecord | None) -> AccountRow:
    looks = []
    if record:
        looks.append(_Look(record.posture, record.result, record.seen_at, "a hardening"))
    # What a hardening saw after it stands against it, also where that was less.
    is_newest = before and before.audited_at and not (record and record.seen_at >= before.audited_at)
    if before and before.posture and before.audited_at and is_newest:
        looks.append(_Look(before.posture, before.result, before.audited_at, "the sweep before"))
    for look in sorted(looks, key=lambda look: look.at):
        row = _with(row, look)
    return row


def _with(row: AccountRow, look: _Look) -> AccountRow:
    known = row.posture.present if row.posture else frozenset()
    if look.at <= row.audited_at or look.posture.present <= known:
        return row
    is_partial = RowResult.PARTIAL in (look.result, row.result)
    text = f"{_BY} {look.by}"
    return replace(
        row,
        result=RowResult.PARTIAL if is_partial else RowResult.EXPOSED,
        posture=look.posture,
        audited_at=look.at,
        preview=None,
        message=f"{row.message}; {text}" if row.message else text,
    )
