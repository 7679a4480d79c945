"""The report before this one, and what changed since."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Self

from rootwarden.accounts import Account
from rootwarden.coverage.paths import AlarmPath
from rootwarden.events import AccountId, Fields, MalformedEvent, parse_account_id
from rootwarden.refusals import CallRefused
from rootwarden.report.gathering import Source, read_json
from rootwarden.report.last_seen import LastSeen
from rootwarden.report.opted_in_regions import OptedIn
from rootwarden.report.owners import Owner
from rootwarden.report.totals import HistoryEntry
from rootwarden.root_credentials import Credential, CredentialKind, Posture
from rootwarden.sweep.sweep import AccountRow, RowResult, read_account

_UNREADABLE = "the previous report cannot be read, so nothing can be compared with it"


@dataclass(frozen=True, kw_only=True)
class PreviousAccount:
    """What the report before said of one account."""

    account: Account
    result: RowResult
    sweeps_without_posture: int
    last_hardened_at: datetime | None
    last_proven_at: datetime | None
    exposed_since: datetime | None
    audited_at: datetime | None = None
    posture: Posture | None = None
    paths: tuple[AlarmPath, ...] = ()
    owner: Owner | None = None
    removed: frozenset[Credential] = frozenset()
    exemption_reason: str | None = None
    exemption_until: str | None = None
    last_seen: LastSeen | None = None

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read one of the report's accounts; raises MalformedEvent."""
        unit, posture = fields.optional_text("organizationalUnit"), fields.optional_object("posture")
        exemption = fields.optional_object("exemption")
        return cls(
            account=replace(read_account(fields), organizational_units=(unit,) if unit else None),
            result=fields.choice(RowResult, "result"),
            sweeps_without_posture=fields.number("sweepsWithoutPosture"),
            last_hardened_at=optional_time(fields, "lastHardenedAt"),
            last_proven_at=optional_time(fields, "lastProvenAt"),
            exposed_since=optional_time(fields, "exposedSince"),
            audited_at=optional_time(fields, "auditedAt"),
            posture=Posture.from_detail(posture) if posture else None,
            owner=Owner.from_detail(owner) if (owner := fields.optional_object("owner")) else None,
            removed=frozenset(
                Credential(item.choice(CredentialKind, "kind"), item.text("id"))
                for item in fields.objects("removed")
            ),
            exemption_reason=exemption.optional_text("reason") if exemption else None,
            exemption_until=exemption.text("until") if exemption else None,
            last_seen=LastSeen.from_detail(seen) if (seen := fields.optional_object("lastSeen")) else None,
            paths=tuple(AlarmPath.from_detail(path) for path in fields.objects("coverage"))
            if fields.has("coverage")
            else (),
        )


@dataclass(frozen=True, kw_only=True)
class PreviousReport:
    """sweep_id None: there was no report, or none that can be read; missing says which and why.

    concerns: what a person should have looked at then; None: not known. garbled: accounts of which only
    the id can be read. is_whole: False where not even that can be read of one, or nothing can be read.
    tells_findings: False where others than its open_findings may be open.
    """

    sweep_id: str | None = None
    before_that: str | None = None
    accounts: Mapping[AccountId, PreviousAccount] = field(default_factory=dict)
    history: tuple[HistoryEntry, ...] = ()
    open_findings: frozenset[AccountId] = frozenset()
    opted_in: Mapping[AccountId, OptedIn] = field(default_factory=dict)
    concerns: tuple[str, ...] | None = None
    missing: tuple[str, ...] = ()
    garbled: frozenset[AccountId] = frozenset()
    is_whole: bool = True
    tells_findings: bool = True

    @property
    def known(self) -> tuple[Account, ...]:
        """Its accounts, and those of which it says only that they are there or their finding is open."""
        others = sorted((self.open_findings | self.garbled) - self.accounts.keys())
        unnamed = (Account(account_id=account_id, name=None, state="UNKNOWN") for account_id in others)
        return (*(each.account for each in self.accounts.values()), *unnamed)

    def tells_of(self, account_id: AccountId) -> bool:
        """Say whether it is known what it said of an account, or that it said nothing of it."""
        return account_id in self.accounts or (self.is_whole and account_id not in self.garbled)


def read_previous(source: Source | None, record: Source | None = None) -> PreviousReport:
    """Read the report before; None where there is none.

    record: what the last sweep that imported findings put on record.
    """
    try:
        previous = PreviousReport() if source is None else _read(source)
    except (CallRefused, MalformedEvent) as error:
        text = f"{_UNREADABLE}: {error}"
        previous = PreviousReport(missing=(text,), is_whole=False, tells_findings=False)
    if record is not None:
        previous = _with_record(previous, record)
    return previous if previous.tells_findings else _without_clean_looks(previous, previous.accounts.keys())


def _without_clean_looks(previous: PreviousReport, account_ids: Collection[AccountId]) -> PreviousReport:
    """Forget what proves nothing: the sweep that opened their findings may have seen them later."""
    accounts = {
        each: replace(account, last_seen=None)
        if each in account_ids and account.last_seen and account.last_seen.is_clean
        else account
        for each, account in previous.accounts.items()
    }
    return replace(previous, accounts=accounts)


def _with_record(previous: PreviousReport, record: Source) -> PreviousReport:
    """Add the findings that another sweep than the report's may have left open."""
    missing: list[str] = []
    try:
        fields = _fields(record)
        found, is_others = _open_findings(fields, missing), fields.text("sweepId") != previous.sweep_id
    except (CallRefused, MalformedEvent):
        return replace(previous, tells_findings=False)
    others = found - previous.open_findings if is_others else frozenset[AccountId]()
    return replace(
        _without_clean_looks(previous, others),
        open_findings=previous.open_findings | others,
        tells_findings=previous.tells_findings and not missing,
    )


def was_unreadable(missing: Iterable[str]) -> bool:
    """Say whether a report lacks the one before it, by what it says it lacks."""
    return any(text.startswith(_UNREADABLE) for text in missing)


def optional_time(fields: Fields, name: str) -> datetime | None:
    """Return the time at a name, or None where there is none; raises MalformedEvent."""
    return fields.time(name) if fields.optional_text(name) else None


def _read(source: Source) -> PreviousReport:
    fields = _fields(source)
    missing: list[str] = []
    accounts, garbled, nameless = _accounts(fields, missing)
    return PreviousReport(
        sweep_id=fields.text("sweepId"),
        before_that=fields.optional_text("previousSweepId"),
        accounts=accounts,
        garbled=frozenset(garbled) - accounts.keys(),
        is_whole=not nameless,
        history=_history(fields, missing),
        open_findings=_open_findings(fields, missing),
        opted_in=_opted_in(fields, missing),
        concerns=fields.optional_texts("concerns"),
        missing=tuple(missing),
        tells_findings=not missing,
    )


def _fields(source: Source) -> Fields:
    if isinstance(source, CallRefused):
        raise source
    return Fields(read_json(source))


def _accounts(
    fields: Fields, missing: list[str]
) -> tuple[dict[AccountId, PreviousAccount], list[AccountId], int]:
    """Return the accounts, the ids of those that cannot be read, and how many have no readable id either."""
    accounts, garbled, nameless = {}, list[AccountId](), 0
    for entry in _list(fields, "accounts"):
        try:
            found = PreviousAccount.from_detail(Fields(entry))
            accounts[found.account.account_id] = found
        except MalformedEvent:
            if account_id := _id_of(entry):
                garbled.append(account_id)
            else:
                nameless += 1
    if unreadable := len(garbled) + nameless:
        missing.append(f"{unreadable} accounts of the previous report cannot be read")
    return accounts, garbled, nameless


def _id_of(entry: object) -> AccountId | None:
    try:
        return read_account(Fields(entry)).account_id
    except MalformedEvent:
        return None


def _history(fields: Fields, missing: list[str]) -> tuple[HistoryEntry, ...]:
    entries = []
    for entry in _list(fields, "history"):
        try:
            entries.append(HistoryEntry.from_detail(Fields(entry)))
        except MalformedEvent as error:
            missing.append(f"an entry of the previous report's history cannot be read: {error}")
    return tuple(entries)


def _open_findings(fields: Fields, missing: list[str]) -> frozenset[AccountId]:
    try:
        found = _list(fields, "openFindings")
        return frozenset(parse_account_id(str(account_id)) for account_id in found)
    except MalformedEvent as error:
        missing.append(f"the previous report's open findings cannot be read: {error}")
        return frozenset()


def _opted_in(fields: Fields, missing: list[str]) -> dict[AccountId, OptedIn]:
    if not fields.has("optedInRegions"):  # as in reports of before it was there
        return {}
    known = {}
    try:
        for entry in map(Fields, _list(fields, "optedInRegions")):
            known[parse_account_id(entry.text("account"))] = OptedIn.from_detail(entry)
    except MalformedEvent as error:
        missing.append(f"the Regions in the previous report cannot be read: {error}")
    return known


def _list(fields: Fields, name: str) -> list[object]:
    found = fields.value.get(name) if isinstance(fields.value, Mapping) else None
    if not isinstance(found, list):
        raise MalformedEvent(name, "a list", found)
    return found


_PROVEN = frozenset({RowResult.CLEAN, RowResult.HARDENED})
_LEFT = frozenset({RowResult.EXPOSED, RowResult.PARTIAL})
_NOT_SEEN = frozenset({RowResult.UNREACHABLE})
_IN_QUESTION = _LEFT | _NOT_SEEN


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Accounts by what changed. All are empty where there is no report to compare with."""

    added: tuple[AccountId, ...] = ()
    removed: tuple[AccountId, ...] = ()
    now_exposed: tuple[AccountId, ...] = ()
    now_clean: tuple[AccountId, ...] = ()
    now_unreachable: tuple[AccountId, ...] = ()

    def to_detail(self) -> dict[str, list[AccountId]]:
        """Return the JSON form."""
        names = ("added", "removed", "nowExposed", "nowClean", "nowUnreachable")
        return {name: list(found) for name, found in zip(names, asdict(self).values(), strict=True)}


def compare(rows: Iterable[AccountRow], before: PreviousReport) -> Changes:
    """Compare; an account that is new and exposed counts as both.

    Of an account that the report before garbles nothing is said, and none is called new where that one may
    be any.
    """
    now = {row.account_id: row.result for row in rows if row.account_id not in before.garbled}
    then = {account_id: account.result for account_id, account in before.accounts.items()}

    def became(results: frozenset[RowResult], unlike: frozenset[RowResult | None]) -> tuple[AccountId, ...]:
        return tuple(
            account_id
            for account_id, result in now.items()
            if result in results and then.get(account_id) in unlike
        )

    every: frozenset[RowResult | None] = frozenset({*RowResult, None})
    return Changes(
        added=tuple(account_id for account_id in now if account_id not in then) if before.is_whole else (),
        removed=tuple(sorted(account_id for account_id in then if account_id not in now)),
        now_exposed=became(_LEFT, every - _LEFT),
        now_clean=became(_PROVEN, frozenset(_IN_QUESTION)),
        now_unreachable=became(_NOT_SEEN, every - _NOT_SEEN),
    )
