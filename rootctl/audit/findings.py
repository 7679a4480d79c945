"""What an audit found: a row an account, and the accounts nobody got to."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from lambdas.domain.report.account_row import AccountRow
from lambdas.domain.sweep_accounts import ListedAccount
from lambdas.domain.sweep_rows import RowResult
from rootctl.exit_codes import Exit, worst


class Auditor(Protocol):
    """Whoever looks: the operator's own root sessions, or the hub."""

    def audit(self, accounts: Sequence[ListedAccount]) -> "Audit":
        """Look into the accounts, whatever becomes of single ones; raises what stops the whole audit."""


@dataclass(frozen=True, kw_only=True)
class Audit:
    """An audit of some accounts. not_looked_at: interrupted before anybody looked into them."""

    rows: tuple[AccountRow, ...]
    not_looked_at: tuple[ListedAccount, ...] = ()

    @property
    def counts(self) -> Counter[RowResult]:
        """How many accounts there are of each result."""
        return Counter(row.result for row in self.rows)

    @property
    def exit(self) -> Exit:
        """How the command ends; an account nobody could look into outweighs any finding."""
        codes = [Exit.INTERRUPTED] if self.not_looked_at else []
        codes += [_exit(row) for row in self.rows]
        return worst(codes)


def could_not_look(account: ListedAccount, at: datetime, *, code: str, message: str) -> AccountRow:
    """Return the row of an account nobody could look into."""
    return AccountRow(
        account=account, result=RowResult.UNREACHABLE, audited_at=at, code=code, message=message
    )


def _exit(row: AccountRow) -> Exit:
    if row.result is RowResult.UNREACHABLE or (row.code and not row.has_credentials):
        return Exit.FAILED
    return Exit.FINDINGS if row.needs_attention else Exit.DONE
