"""A made-up organization over some months, as reports show it: for the page's tests and its picture."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from rootwarden.contract.configured import Mode
from rootwarden.outcomes import iso
from rootwarden.refusals import CallRefused
from rootwarden.report.report import Report
from rootwarden.root_credentials import CredentialKind, Posture
from tests.unit.fakes import NOON
from tests.unit.given import HUB, MANAGEMENT
from tests.unit.report_given import ALL_WELL, NONE, Given, Row, row, unreachable

_TEAMS = ("payments", "checkout", "ledger", "search", "identity", "analytics", "mobile", "platform")
_STAGES = ("prod", "staging", "dev", "sandbox")
_EXEMPT: Row = {"reason": "break-glass account, reviewed each quarter", "until": "2026-12-31"}


def sample_report(*, accounts: int = 200, sweeps: int = 60) -> Report:
    """Return the last of some daily reports, in which credentials went away bit by bit."""
    organization = _Organization(accounts)
    given = Given(at=NOON - timedelta(days=sweeps - 1))
    for day in range(1, sweeps):
        given.mode = Mode.ENFORCE if day % 15 == 0 else Mode.OBSERVE
        given.sweep(*_audited(organization.day(1 - day / (sweeps + 12)), given.at))
    given.mode = Mode.ENFORCE
    given.answers = replace(ALL_WELL, features=frozenset({"RootCredentialsManagement"}))
    given.answers = replace(
        given.answers, trusted_services=CallRefused("ThrottlingException", "Rate exceeded")
    )
    return given.sweep(*_audited(organization.last_day(), given.at))


def _audited(rows: list[Row], at: datetime) -> list[Row]:
    return [one | {"auditedAt": iso(at - timedelta(minutes=2))} for one in rows]


class _Organization:
    def __init__(self, accounts: int) -> None:
        self._random = Random(7)  # noqa: S311 - the same organization each time
        names = [f"{team}-{stage}" for stage in _STAGES for team in _TEAMS]
        self._rows = [
            row(
                number,
                name=f"{names[number % len(names)]}-{number}" if number >= len(names) else names[number],
            )
            for number in range(accounts)
        ]
        self._rows[0] |= {"id": MANAGEMENT, "name": "management", "result": "management", "posture": None}
        self._rows[1] |= {"id": HUB, "name": "security"}

    def day(self, left: float) -> list[Row]:
        """Return the rows of a day on which this share of the old credentials is left."""
        exposed = int(len(self._rows) * 0.3 * left**1.5)
        rows = [*self._rows]
        for index in range(2, 2 + exposed):
            kinds = frozenset(self._random.sample(list(CredentialKind), self._random.randint(1, 3)))
            rows[index] = rows[index] | {"result": "exposed", "posture": Posture.of(kinds).to_detail()}
        for _ in range(self._random.choice((0, 0, 0, 1, 2))):
            index = self._random.randrange(2 + exposed, len(rows))
            rows[index] = unreachable(index, name=rows[index]["name"])
        return rows

    def last_day(self) -> list[Row]:
        """Return rows of every kind."""
        rows = self.day(0)
        kinds = list(CredentialKind)
        changed: dict[int, Row] = {
            2: {
                "result": "exposed",
                "posture": Posture.of(frozenset(kinds)).to_detail(),
                "exemption": _EXEMPT,
            },
            3: {"result": "exposed", "posture": Posture.of(frozenset(kinds[:2])).to_detail()},
            4: {"result": "hardened", "removed": [{"kind": "access_key", "id": "AKIAIOSFODNN7EXAMPLE"}]},
            5: {"result": "hardened", "removed": [{"kind": "password", "id": "password"}]},
            6: {
                "result": "partial",
                "posture": Posture.of(frozenset(kinds[3:])).to_detail(),
                "code": "EntityTemporarilyUnmodifiable",
                "message": "Try again later.",
            },
            7: {"result": "not_active", "posture": None, "state": "SUSPENDED"},
            8: {
                "result": "exposed",
                "posture": Posture.of(frozenset(kinds[:1])).to_detail(),
                "recoveryWindow": {
                    "until": iso(NOON + timedelta(hours=4)),
                    "reason": "lost the last admin",
                    "openedBy": "ana",
                },
            },
        }
        for index, change in changed.items():
            rows[index] = rows[index] | {"posture": NONE.to_detail()} | change
        rows[9] = unreachable(9, name=rows[9]["name"])
        return rows
