"""What the state table keeps of root activity: claims, reports, evidence, sign-ins, and alarm paths."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from rootwarden.activity.judgement import AT_LEAST, SignIn
from rootwarden.activity.memory import Recalled
from rootwarden.aws.bursts_table import burst_in
from rootwarden.aws.claims_table import ClaimsTable
from rootwarden.aws.recovery_windows import RecoveryWindows
from rootwarden.aws.root_sessions import SessionRegister
from rootwarden.aws.state_table import ConditionFailed, Item, KeyKind, StateTable, epoch, from_epoch
from rootwarden.claims import Claim, ClaimState
from rootwarden.contract.activities import Severity
from rootwarden.events import AccountId, Fields
from rootwarden.outcomes import AccountReference

# More than are looked at, so that a full item is not rewritten for each sign-in.
_MOST = AT_LEAST + 20
_TRIES = 5
_PREFIX = "sign_in_"
# An attribute for each Region, so that two Regions' records never overwrite each other.
_REGION = "region:"
# A sweep's AssumeRoot records all prove the same account and Region: one write in so long is enough.
_APART = timedelta(minutes=1)
_MOST_WRITTEN = 1000


@dataclass
class ActivityRecords:
    """See rootwarden.activity.memory.ActivityMemory, and rootwarden.claims.Claims for records.

    What is put on record of an event while it is claimed is written together with the end of its claim, in
    one call: so nothing of it stands where the event is to be judged again.
    """

    table: StateTable
    _with_the_end: dict[str, Item] = field(default_factory=dict, init=False)
    _is_claimed: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """Keep what other parts read by their own means."""
        self._claims = ClaimsTable(self.table, KeyKind.EVENT)
        self._sessions = SessionRegister(self.table)
        self._windows = RecoveryWindows(self.table)
        self._paths = CoverageTable(self.table)

    def begin(self, key: str, *, lease: timedelta) -> Claim:
        """Claim an event."""
        claim = self._claims.begin(key, lease=lease)
        self._with_the_end.clear()
        self._is_claimed = claim.state is ClaimState.OURS
        return claim

    def note(self, key: str, note: str) -> None:
        """Write something down for the next attempt."""
        self._claims.note(key, note)

    def release(self, key: str) -> None:
        """Give an event back undone, and with it what was to be put on record."""
        self._is_claimed = False
        self._claims.release(key)

    def finish(self, key: str, *, remember: timedelta) -> None:
        """Mark an event done, and put on record what was found; raises NotWritten."""
        self._is_claimed = False
        self.table.put_all({**self._with_the_end, **self._claims.done(key, remember=remember)})

    def session_opener(self, access_key_id: str) -> str | None:
        """Say who opened the root session with this key."""
        return self._sessions.opener(access_key_id)

    def remember_session(self, access_key_id: str, opener: str) -> None:
        """Put on record who opened a root session, at once."""
        self._sessions.remember(access_key_id, opener)

    def recall(self, account_id: AccountId, bursts: Collection[str]) -> Recalled:
        """Return an account's open recovery window and name, and bursts by their keys, in one read."""
        window, name = KeyKind.WINDOW.key(account_id), KeyKind.NAME.key(account_id)
        keys = {KeyKind.ACTS.key(key): key for key in bursts}
        items = self.table.get_all([window, name, *keys])
        return Recalled(
            window=self._windows.open_since(items.get(window), account_id),
            account=self._account_in(items.get(name)),
            bursts={key: burst_in(items[pk]) if pk in items else None for pk, key in keys.items()},
        )

    def account(self, account_id: AccountId) -> AccountReference | None:
        """Return an account with its name, None where nobody asked within the hour."""
        return self._account_in(self.table.get(KeyKind.NAME.key(account_id)))

    def remember_account(self, account_id: AccountId, account: AccountReference) -> None:
        """Put on record what Organizations says of an account, also that it knows none such."""
        self._write(KeyKind.NAME.key(account_id), {"account": json.dumps(account.to_detail())})

    def _account_in(self, item: Item | None) -> AccountReference | None:
        if not item or item.get("expires_at", 0) <= epoch(self.table.clock()):
            return None
        return AccountReference.from_detail(Fields(json.loads(item.get("account") or "{}")))

    def reported(self, account_id: AccountId, event_id: str) -> Severity | None:
        """Say how bad an event was reported to be; None where it is not on record."""
        found = self.table.get(KeyKind.REPORTED.key(account_id, event_id)).get("severity")
        return Severity(found) if found else None

    def remember_report(self, account_id: AccountId, event_id: str, severity: Severity) -> None:
        """Put on record that an event was reported."""
        self._write(KeyKind.REPORTED.key(account_id, event_id), {"severity": severity})

    def root_event_arrived(self, account_id: AccountId, at: datetime) -> None:
        """Put on record that an event of this time arrived, also one of a root session of ours."""
        self._write(KeyKind.ROOTEVENT.key(account_id), {"seen_at": epoch(at)})

    def path_worked(self, account_id: AccountId, region: str, at: datetime) -> None:
        """Put on record that the alarm path from an account's Region worked at this time."""
        self._paths.worked(account_id, region, at)

    def _write(self, key: str, item: Item) -> None:
        self._with_the_end[key] = item
        if not self._is_claimed:
            self.table.put_all({key: self._with_the_end.pop(key)})


@dataclass(frozen=True)
class SignInsTable:
    """See rootwarden.activity.judgement.SignInMemory."""

    table: StateTable

    def add(self, account_id: AccountId, sign_in: SignIn) -> frozenset[SignIn]:
        """Remember one, once, and return it with those remembered before."""
        known: frozenset[SignIn] = frozenset()
        for _ in range(_TRIES):
            added, known = self._add(account_id, sign_in)
            if added:
                return known
            latest = sorted(known | {sign_in})[-AT_LEAST:]
            if self._replace(account_id, latest):
                return known | {sign_in}
        # So many at the same moment that this one could not be put down: it counts now, if not later.
        return known | {sign_in}

    def remembered(self, account_id: AccountId) -> frozenset[SignIn]:
        """Return those remembered."""
        return _read(self.table.get(KeyKind.SIGNINS.key(account_id)))

    def _add(self, account_id: AccountId, sign_in: SignIn) -> tuple[bool, frozenset[SignIn]]:
        """Return whether there was room, and the sign-ins that are remembered."""
        try:
            item = self.table.update(
                KeyKind.SIGNINS.key(account_id),
                "SET #event = :sign_in, expires_at = :expires ADD written :one",
                {
                    ":sign_in": _kept(sign_in),
                    ":expires": epoch(KeyKind.SIGNINS.expires_at(self.table.clock())),
                    ":one": 1,
                    ":most": _MOST,
                },
                names={"#event": f"{_PREFIX}{sign_in.event}"},
                condition="attribute_not_exists(written) OR written < :most",
                returns=True,
            )
        except ConditionFailed as failed:
            return False, _read(failed.item)
        return True, _read(item)

    def _replace(self, account_id: AccountId, sign_ins: list[SignIn]) -> bool:
        """Make room in a full item; False when that was done meanwhile."""
        kept = {f"{_PREFIX}{one.event}": _kept(one) for one in sign_ins}
        try:
            self.table.put(
                KeyKind.SIGNINS.key(account_id),
                {**kept, "written": len(sign_ins)},
                condition="written >= :most",
                values={":most": _MOST},
            )
        except ConditionFailed:
            return False
        return True


def _kept(sign_in: SignIn) -> str:
    return f"{sign_in.at} {'succeeded' if sign_in.succeeded else 'failed'}"


def _read(item: Item) -> frozenset[SignIn]:
    found = []
    for name, kept in item.items():
        if name.startswith(_PREFIX):
            at, _, how = kept.partition(" ")
            event = name.removeprefix(_PREFIX)
            found.append(SignIn(at=int(at), event=event, succeeded=how == "succeeded"))
    return frozenset(found)


@dataclass(frozen=True)
class CoverageTable:
    """When each account's alarm path last worked, by Region. Times only grow: repetitions do not count."""

    table: StateTable
    _written: dict[tuple[AccountId, str], datetime] = field(default_factory=dict, init=False, repr=False)

    def worked(self, account_id: AccountId, region: str, at: datetime) -> None:
        """Keep that a record of this time arrived from an account's Region."""
        before = self._written.get((account_id, region))
        if before and at < before + _APART:
            return
        kept = epoch(KeyKind.COVERAGE.expires_at(self.table.clock()))
        try:
            self.table.update(
                KeyKind.COVERAGE.key(account_id),
                "SET #region = :at, expires_at = :kept",
                {":at": epoch(at), ":kept": kept},
                names={"#region": f"{_REGION}{region}"},
                condition="attribute_not_exists(#region) OR #region < :at",
            )
        except ConditionFailed:
            return
        if len(self._written) >= _MOST_WRITTEN:
            self._written.clear()
        self._written[(account_id, region)] = at


def times_in(item: Item) -> Mapping[str, datetime]:
    """Return when each Region's path last worked, as an item keeps it."""
    return MappingProxyType(
        {
            name.removeprefix(_REGION): from_epoch(item.get(name, 0))
            for name in item
            if name.startswith(_REGION)
        }
    )
