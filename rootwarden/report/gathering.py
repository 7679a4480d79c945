"""From the sweep's files to one row an account, whatever became of the files."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from rootwarden.accounts import Account
from rootwarden.events import AccountId, Fields, MalformedEvent
from rootwarden.refusals import CallRefused
from rootwarden.sweep.row_judge import with_removed
from rootwarden.sweep.sweep import AccountRow, RowResult, read_account
from rootwarden.undelivered.findings import UndeliveredEvents

Source = str | CallRefused
"""A file's text, or why it could not be had."""

MOST_MISSING = 100


@dataclass(frozen=True)
class Gathered:
    """One row an account, by id, and what is missing from them. joined_at: of accounts, where it is known."""

    rows: tuple[AccountRow, ...]
    missing: tuple[str, ...]
    joined_at: Mapping[AccountId, datetime] = field(default_factory=dict)


def gather(
    listed: Source, results: Mapping[str, Source], *, before: Iterable[Account] = (), at: datetime
) -> Gathered:
    """Read the list and the results by their names; at: when a row is made for an account without one.

    before: the accounts known from earlier sweeps. They count as gone only where the whole list can be read.
    """
    missing: list[str] = []
    accounts = _read_list(listed, missing)
    is_whole = bool(accounts) and not missing
    rows: dict[AccountId, AccountRow] = {}
    for files in _by_batch(results).values():
        for row in _of_batch(files, missing).values():
            _keep(row, rows, missing)
    unlisted = sorted(rows.keys() - accounts) if accounts else []
    for account in (*accounts.values(), *(() if is_whole else before)):
        if account.account_id not in rows:
            rows[account.account_id] = AccountRow.failed(account, at)
            missing.append(f"account {account.account_id} has no result: its row says unreachable")
    missing += [f"account {account_id} has a result but is not in the list" for account_id in unlisted]
    joined_at = {account_id: each.joined_at for account_id, each in accounts.items() if each.joined_at}
    return Gathered(tuple(rows[account_id] for account_id in sorted(rows)), tuple(missing), joined_at)


def gather_undelivered(files: Mapping[str, Source]) -> tuple[UndeliveredEvents, list[str]]:
    """Read what the batches left, by their names and attempts' times; also return what cannot be read."""
    batches: dict[str, UndeliveredEvents] = {}
    missing = []
    for name, source in sorted(files.items()):
        batch = _batch(name)
        try:
            if isinstance(source, CallRefused):
                raise source
            found = UndeliveredEvents.from_detail(Fields(read_json(source)))
        except (CallRefused, MalformedEvent) as error:
            missing.append(f"{name} cannot be read, so what its accounts could not send is missing: {error}")
            continue
        batches[batch] = batches[batch].tried_again(found) if batch in batches else found
    return sum(batches.values(), UndeliveredEvents()), missing


def shortened(missing: Sequence[str]) -> tuple[str, ...]:
    """Return the first of many, and how many there are besides."""
    rest = len(missing) - MOST_MISSING
    return (*missing[:MOST_MISSING], *([f"and {rest} more"] if rest > 0 else []))


def read_json(text: str) -> object:
    """Return what a text says as JSON; raises MalformedEvent."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedEvent("the text", "JSON", text) from error


def _read_list(source: Source, missing: list[str]) -> dict[AccountId, Account]:
    try:
        entries = _entries(source)
    except (CallRefused, MalformedEvent) as error:
        missing.append(f"the list of accounts cannot be read, so accounts may be missing: {error}")
        return {}
    accounts: dict[AccountId, Account] = {}
    for number, entry in enumerate(entries, 1):
        try:
            account = read_account(Fields(entry))
        except MalformedEvent as error:
            missing.append(f"entry {number} of the list of accounts cannot be read: {error}")
            continue
        accounts.setdefault(account.account_id, account)
    return accounts


def _entries(source: Source) -> list[object]:
    if isinstance(source, CallRefused):
        raise source
    entries = read_json(source)
    if not isinstance(entries, list):
        raise MalformedEvent("the list of accounts", "a list", entries)
    return entries


def _batch(name: str) -> str:
    # The attempt follows after a hyphen; 0.1 named no attempt.
    return re.split("[-.]", name.rpartition("/")[2])[0]


def _by_batch(files: Mapping[str, Source]) -> dict[str, dict[str, Source]]:
    batches: dict[str, dict[str, Source]] = {}
    for name, source in files.items():
        batches.setdefault(_batch(name), {})[name] = source
    return batches


def _of_batch(files: Mapping[str, Source], missing: list[str]) -> dict[AccountId, AccountRow]:
    """Return a batch's rows: the latest of each account, with what an earlier attempt removed."""
    rows: dict[AccountId, AccountRow] = {}
    for name, source in files.items():
        attempt: dict[AccountId, AccountRow] = {}
        for row in _read_lines(name, source, missing):
            _keep(row, attempt, missing)
        for account_id, row in attempt.items():
            before = rows.get(account_id)
            rows[account_id] = _later(row, before) if before else row
    return rows


def _read_lines(name: str, source: Source, missing: list[str]) -> Iterator[AccountRow]:
    if isinstance(source, CallRefused):
        missing.append(f"{name} cannot be read: {source}")
        return
    for number, line in _lines(source):
        try:
            yield AccountRow.from_detail(Fields(read_json(line)))
        except MalformedEvent as error:
            missing.append(f"{name}, line {number}, cannot be read: {error}")


def _lines(text: str) -> Iterable[tuple[int, str]]:
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _keep(row: AccountRow, rows: dict[AccountId, AccountRow], missing: list[str]) -> None:
    before = rows.get(row.account_id)
    if before is not None:
        missing.append(f"account {row.account_id} has more than one result: the latest counts")
    rows[row.account_id] = _later(row, before) if before else row


def _later(*rows: AccountRow) -> AccountRow:
    """Return the latest row, at the same time the one that claims less, with what the others removed.

    Where the latest could not look, credentials that were seen before it still stand.
    """
    removed = frozenset(each for row in rows for each in row.removed)
    latest = max(rows, key=lambda row: (row.audited_at, not row.is_proven))
    seen = [row for row in rows if row.posture and row.has_credentials and removed <= {*row.removed}]
    if latest.result is RowResult.UNREACHABLE and latest.posture is None and seen:
        latest = replace(_later(*seen), code=latest.code, message=latest.message)
    return with_removed(latest, removed, frozenset())
