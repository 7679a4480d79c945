"""Items of the state table that hold what strangers wrote: kept as they are, under keys DynamoDB takes."""

from datetime import UTC, datetime, timedelta
from typing import Any

from proofs.fuzz.inertness import Broken
from proofs.fuzz.strangers import Stranger
from rootwarden.activity.bursts import AlertedEvent, Burst
from rootwarden.aws.bursts_table import BurstsTable
from rootwarden.aws.hardening_records import PosturesTable
from rootwarden.aws.recovery_windows import RecoveryWindows
from rootwarden.aws.state_table import KeyKind, StateTable, primary_key
from rootwarden.contract.activities import Severity
from rootwarden.events import AccountId
from rootwarden.hardening.outcome import PostureRecord, Progress
from rootwarden.outcomes import AccountReference
from rootwarden.recovery.windows import RecordedWindow, RecoveryWindow, WindowState
from rootwarden.root_credentials import Credential, CredentialKind, Posture

_MEMBER = AccountId("444455556666")
_NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
_LONGEST_KEY = 2048
# As events.py hands texts on: of a half character a question mark is left.
_Item = dict[str, Any]


class _Table:
    """As much of DynamoDB as readers and writers of whole items need; it takes what DynamoDB takes."""

    def __init__(self) -> None:
        self.items: dict[str, _Item] = {}

    def put_item(self, *, Item: _Item, **_: Any) -> _Item:  # noqa: N803 - AWS's name
        key = Item["pk"]["S"]
        if len(key.encode()) > _LONGEST_KEY:
            raise Broken("a key is longer than DynamoDB takes")
        self.items[key] = Item
        return {}

    def get_item(self, *, Key: _Item, **_: Any) -> _Item:  # noqa: N803 - AWS's name
        found = self.items.get(Key["pk"]["S"])
        return {"Item": found} if found else {}

    def update_item(self, **_: Any) -> _Item:
        return {}


def written(stranger: Stranger) -> list[str]:
    """Write the texts of an item."""
    return [stranger.text().encode("utf-8", "replace").decode() or "x" for _ in range(4)]


def keep(texts: list[str]) -> None:
    """Write items and read them back."""
    first, second, third, fourth = texts
    table = StateTable(_Table(), "state", lambda: _NOON)  # type: ignore[arg-type] # as much of it as is needed
    _keep_window(table, first, second, third)
    _keep_posture(table, first, second)
    _keep_burst(table, f"{first}#{fourth}", third)
    _keep_progress(first, fourth)
    unlike = (first, f"{first}x", f"{first}y")
    keys = {primary_key(KeyKind.EVENT.key(_MEMBER, text)) for text in unlike}
    if len(keys) != len(unlike) or any(len(key.encode()) > _LONGEST_KEY for key in keys):
        raise Broken("two texts share a key, or one is longer than DynamoDB takes")


def _keep_window(table: StateTable, name: str, reason: str, opened_by: str) -> None:
    standing = RecordedWindow(
        account_id=_MEMBER,
        account=AccountReference(account_id=_MEMBER, name=name, organizational_unit=reason),
        window=RecoveryWindow(until=_NOON + timedelta(hours=4), reason=reason, opened_by=opened_by),
        state=WindowState.OPEN,
        opened_at=_NOON,
        approved_by=(name, opened_by),
    )
    windows = RecoveryWindows(table)
    windows.begin(standing)
    _same(windows.find(_MEMBER), standing)


def _keep_posture(table: StateTable, name: str, result: str) -> None:
    posture = Posture.of(frozenset({CredentialKind.PASSWORD, CredentialKind.ACCESS_KEY}))
    record = PostureRecord(account_id=_MEMBER, name=name, posture=posture, result=result, seen_at=_NOON)
    postures = PosturesTable(table)
    postures.save(record)
    _same(postures.last(_MEMBER), record)


def _keep_burst(table: StateTable, key: str, act: str) -> None:
    end = _NOON + timedelta(minutes=15)
    acts = {act: AlertedEvent("0123456789abcdef", Severity.HIGH)}
    burst = Burst(opened_at=_NOON, ends_at=end, last_at=_NOON, count=3, acts=acts)
    bursts = BurstsTable(table)
    bursts.open(key, burst, instead_of=None)
    _same(bursts.load(key), burst)


def _keep_progress(first: str, second: str) -> None:
    found = frozenset(
        {Credential(CredentialKind.ACCESS_KEY, first), Credential(CredentialKind.MFA_DEVICE, second)}
    )
    progress = Progress(before=None, tried=found, removed=found)
    _same(Progress.from_json(progress.to_json()), progress)


def _same(read: object, kept: object) -> None:
    if read != kept:
        raise Broken(f"the table gives back something else: {str(read)[:100]!r}")
