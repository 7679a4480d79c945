"""When root credentials were last used, as the report says it: a time, never, or not known."""

import pytest

from rootwarden.outcomes import iso
from tests.unit.fakes import NOON
from tests.unit.report_given import EVERYTHING, KEY, NONE, Given, Row, exposed, row, seen, unreachable
from tests.unit.test_report_documents import rows_of

_UNLISTED = {"kind": "access_key", "id": None, "code": "AccessDenied", "message": "no"}


@pytest.mark.parametrize(
    ("account", "password", "keys"),
    [
        (row(1), None, []),
        (exposed(1, EVERYTHING, preview=seen(None, NOON, password=NOON)), iso(NOON), ["never", iso(NOON)]),
        (exposed(1, EVERYTHING, preview=seen("not said", password=None)), "never", ["unknown"]),
        (exposed(1, KEY), None, ["unknown"]),
        (exposed(1, KEY, preview=seen() | {"stays": [_UNLISTED]}), None, ["unknown"]),
        (unreachable(1), "unknown", ["unknown"]),
        # What was removed is not there to be used
        (row(1, "hardened", NONE, preview=seen(NOON, password=NOON)), None, []),
    ],
)
def test_never_used_not_known_and_not_there_differ(
    account: Row, password: str | None, keys: list[str]
) -> None:
    report = Given().sweep(account)

    [entry], [cells] = report.entries, rows_of(report)
    detail = entry.to_detail()
    assert (detail["passwordLastUsed"], detail["keysLastUsed"]) == (password, keys)
    assert (cells["password_last_used"], cells["keys_last_used"]) == (password or "", " ".join(keys))
