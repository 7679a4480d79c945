"""What is different from the sweep before."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from lambdas.domain.accounts import AccountId
from lambdas.domain.report.account_row import AccountRow
from lambdas.domain.report.previous import PreviousAccount
from lambdas.domain.sweep_rows import RowResult

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


def compare(rows: Iterable[AccountRow], before: Mapping[AccountId, PreviousAccount]) -> Changes:
    """Compare; an account that is new and exposed counts as both."""
    now = {row.account_id: row.result for row in rows}
    then = {account_id: account.result for account_id, account in before.items()}

    def became(results: frozenset[RowResult], unlike: frozenset[RowResult | None]) -> tuple[AccountId, ...]:
        return tuple(
            account_id
            for account_id, result in now.items()
            if result in results and then.get(account_id) in unlike
        )

    every: frozenset[RowResult | None] = frozenset({*RowResult, None})
    return Changes(
        added=tuple(account_id for account_id in now if account_id not in then),
        removed=tuple(sorted(account_id for account_id in then if account_id not in now)),
        now_exposed=became(_LEFT, every - _LEFT),
        now_clean=became(_PROVEN, frozenset(_IN_QUESTION)),
        now_unreachable=became(_NOT_SEEN, every - _NOT_SEEN),
    )
