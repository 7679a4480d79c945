"""One account in the report: this sweep's row, and what earlier ones and the state table add."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from rootwarden.coverage.paths import AlarmPath
from rootwarden.events import AccountId
from rootwarden.hardening.outcome import PostureRecord
from rootwarden.hardening.removal import Preview
from rootwarden.outcomes import iso
from rootwarden.refusals import CallRefused
from rootwarden.report.checks import (
    Check,
    CheckName,
    failed_check,
    first_of_many,
    passed_check,
    unknown_check,
)
from rootwarden.report.controls import Statuses
from rootwarden.report.last_seen import LastSeen
from rootwarden.report.owners import Owner
from rootwarden.report.previous import PreviousAccount, PreviousReport
from rootwarden.root_credentials import CredentialKind, LastUse, Posture, removal_order
from rootwarden.sweep.sweep import LEFT, PROVEN, AccountRow, RowResult

NEVER, UNKNOWN = "never", "unknown"


def password_last_used(row: AccountRow) -> str | None:
    """Return when the password was; None where it was seen that there is none."""
    uses = _uses(row, CredentialKind.PASSWORD)
    return uses[0] if uses else None


def keys_last_used(row: AccountRow) -> list[str]:
    """Return when each access key was; an empty list where it was seen that there is none."""
    return _uses(row, CredentialKind.ACCESS_KEY)


def _uses(row: AccountRow, kind: CredentialKind) -> list[str]:
    if row.posture is not None and kind not in row.posture.present:
        return []
    seen = row.preview or Preview()
    known = {use.credential: use for use in seen.last_used}
    found = sorted((each for each in seen.found if each.kind is kind), key=removal_order)
    return [_in_words(known.get(each)) for each in found] or [UNKNOWN]


def _in_words(use: LastUse | None) -> str:
    if use is None:
        return UNKNOWN
    return iso(use.at) if use.at else NEVER


MOST_SWEEPS = 2
_NEVER_LOOKED_AT = frozenset({RowResult.NOT_ACTIVE, RowResult.MANAGEMENT})


@dataclass(frozen=True, kw_only=True)
class AccountMemory:
    """What is known of accounts besides the sweep. root_events: when an event of its root last arrived.

    heard: when a record of a session of ours last arrived, by Region. refused: why nothing is known.
    """

    postures: Mapping[AccountId, PostureRecord] = field(default_factory=dict)
    heard: Mapping[AccountId, Mapping[str, datetime]] = field(default_factory=dict)
    root_events: Mapping[AccountId, datetime] = field(default_factory=dict)
    refused: CallRefused | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One account. sweeps_without_posture: how many in a row, this one included, could not look.

    last_seen: what there was when somebody could; None: that is not known, or no longer true.
    owner: None where the account is not in question, so nobody asked.
    """

    row: AccountRow
    controls: Statuses
    sweeps_without_posture: int
    last_hardened_at: datetime | None
    last_proven_at: datetime | None
    exposed_since: datetime | None
    last_root_event_at: datetime | None
    paths: tuple[AlarmPath, ...] = ()
    owner: Owner | None = None
    last_seen: LastSeen | None = None

    @property
    def was_seen_clean(self) -> bool:
        """Whether nobody could look, and there was nothing when somebody last could."""
        return self.row.posture is None and self.last_seen is not None and self.last_seen.is_clean

    @property
    def since_when(self) -> datetime | str | None:
        """Since when it is not clean; UNKNOWN where nobody knows any more."""
        return self.exposed_since or (UNKNOWN if self.row.has_credentials else None)

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            **self.row.to_detail(),
            "owner": self.owner.to_detail() if self.owner else None,
            "passwordLastUsed": password_last_used(self.row),
            "keysLastUsed": keys_last_used(self.row),
            "controls": {control.control_id: status.value for control, status in self.controls.items()},
            "sweepsWithoutPosture": self.sweeps_without_posture,
            "lastHardenedAt": optional_iso(self.last_hardened_at),
            "lastProvenAt": optional_iso(self.last_proven_at),
            "exposedSince": optional_iso(self.exposed_since),
            "lastSeen": self.last_seen.to_detail() if self.last_seen else None,
            "lastRootEventAt": optional_iso(self.last_root_event_at),
            "coverage": [path.to_detail() for path in self.paths],
        }


def optional_iso(time: datetime | None) -> str | None:
    """Return a time as JSON has it."""
    return iso(time) if time else None


def entry_of(
    row: AccountRow,
    controls: Statuses,
    previous: PreviousReport,
    memory: AccountMemory,
    paths: tuple[AlarmPath, ...] = (),
    owner: Owner | None = None,
) -> Entry:
    """Put together what is known of one account."""
    before = previous.accounts.get(row.account_id)
    record = memory.postures.get(row.account_id)
    hardened_then = record.seen_at if record and record.result == RowResult.HARDENED else None
    hardened_now = row.audited_at if row.result is RowResult.HARDENED and _is_new(row, before) else None
    seen = _last_seen(row, before, record)
    return Entry(
        row=row,
        controls=controls,
        sweeps_without_posture=_without_posture(row, before),
        last_hardened_at=_latest(hardened_now, hardened_then, before.last_hardened_at if before else None),
        last_proven_at=_last_proven(row, before, record),
        exposed_since=_exposed_since(row, before, seen, knows_before=previous.tells_of(row.account_id)),
        last_seen=seen,
        last_root_event_at=memory.root_events.get(row.account_id),
        paths=paths,
        owner=owner,
    )


def _is_new(row: AccountRow, before: PreviousAccount | None) -> bool:
    """Say whether the sweep before did not name the same: one that only looks names a removal every time.

    What an enforcing sweep removes is on record with its time.
    """
    named = set(row.removed)
    is_same = before is not None and before.last_hardened_at and named and before.removed >= named
    return not is_same


def _latest(*times: datetime | None) -> datetime | None:
    return max((time for time in times if time), default=None)


def _without_posture(row: AccountRow, before: PreviousAccount | None) -> int:
    if row.posture or row.result in _NEVER_LOOKED_AT:
        return 0
    return 1 + (max(before.sweeps_without_posture, 0) if before else 0)


def _last_proven(
    row: AccountRow, before: PreviousAccount | None, record: PostureRecord | None
) -> datetime | None:
    """Return when the account was last seen, as the row has it where the row was seen at all."""
    seen: list[tuple[Posture | None, datetime]] = [(record.posture, record.seen_at)] if record else []
    seen += [(before.posture, before.last_proven_at)] if before and before.last_proven_at else []
    if row.posture is None:
        return _latest(*(at for _, at in seen))
    # A time of which the row does not say what was seen then would prove what nobody saw.
    return _latest(row.audited_at, *(at for posture, at in seen if posture == row.posture))


def _last_seen(
    row: AccountRow, before: PreviousAccount | None, record: PostureRecord | None
) -> LastSeen | None:
    if row.posture is not None:
        until = row.exemption_until
        seen = LastSeen(posture=row.posture, exemption_reason=row.exemption_reason, exemption_until=until)
        return None if row.posture.is_clean and not row.is_proven else seen
    if row.has_credentials:
        return None
    then, then_at = (before.last_seen, before.last_proven_at) if before else (None, None)
    if record is None or (then_at and record.seen_at <= then_at):
        return then
    # Without the report before nobody knows whether a sweep failed to remove something after that look.
    if record.posture.is_clean and (before is None or record.result not in PROVEN):
        return None
    return replace(then, posture=record.posture) if then else LastSeen(posture=record.posture)


def _exposed_since(
    row: AccountRow, before: PreviousAccount | None, seen: LastSeen | None, *, knows_before: bool
) -> datetime | None:
    since = before.exposed_since if before else None
    if row.has_credentials:
        # A date would say that it was not so before, which nobody knows.
        is_unknown = before.result in LEFT if before else not knows_before
        return since or (None if is_unknown else row.audited_at)
    # Not being able to look does not end an exposure; having seen since that nothing is there does.
    is_over = row.posture is not None or (seen is not None and seen.is_clean)
    return None if is_over else since


def stale_accounts(entries: Iterable[Entry], *, knows_before: bool) -> Check:
    """Check that no account was out of sight for more than two sweeps."""
    name = CheckName.STALE_ACCOUNTS
    stale = [entry.row.account_id for entry in entries if entry.sweeps_without_posture > MOST_SWEEPS]
    if stale:
        text = f"could not be looked at for more than {MOST_SWEEPS} sweeps: {first_of_many(stale)}"
        return failed_check(name, text, subjects=stale)
    if not knows_before:
        text = (
            "the previous report cannot be read, so it is not known for how long accounts were out of sight"
        )
        return unknown_check(name, text)
    return passed_check(name, f"no account was out of sight for more than {MOST_SWEEPS} sweeps")
