"""A hardening for programs."""

import json
from collections.abc import Iterable, Sequence

from rootctl.harden.ending import Ending, How
from rootctl.terminal.csv_lines import csv_lines

_COLUMNS = ("id", "name", "result", "removed", "left", "code", "message")
_TO_BE_REMOVED = "toBeRemoved"


def as_json(endings: Sequence[Ending]) -> str:
    """Return everything, as one document. A posture of null: nobody knows."""
    return json.dumps({"accounts": [_record(ending) for ending in endings]}, indent=2)


def as_csv(endings: Iterable[Ending]) -> str:
    """Return a line an account; credentials as kind:id, with spaces between."""
    return csv_lines(_COLUMNS, map(_cells, endings))


def _record(ending: Ending) -> dict[str, object]:
    listed = [{"kind": each.kind.value, "id": each.identifier} for each in ending.credentials]
    is_preview = ending.how is How.WOULD_REMOVE
    return {
        "account": ending.account.to_detail(),
        "result": ending.how.value,
        "before": ending.before.to_detail() if ending.before else None,
        "after": ending.after.to_detail() if ending.after else None,
        "removed": [] if is_preview else listed,
        _TO_BE_REMOVED: listed if is_preview else [],
        "left": [{"kind": each.kind.value, "id": each.identifier, "why": each.why} for each in ending.left],
        "reason": {"code": ending.reason.code, "text": ending.reason.text} if ending.reason else None,
    }


def _cells(ending: Ending) -> tuple[object, ...]:
    is_preview = ending.how is How.WOULD_REMOVE
    removed = "" if is_preview else " ".join(f"{each.kind}:{each.identifier}" for each in ending.credentials)
    left = [f"{each.kind}:{each.identifier or '?'}" for each in ending.left]
    left += [f"{each.kind}:{each.identifier}" for each in ending.credentials] if is_preview else []
    reason = (ending.reason.code, ending.reason.text) if ending.reason else (None, None)
    account = ending.account
    return (account.account_id, account.name, ending.how.value, removed, " ".join(left), *reason)
