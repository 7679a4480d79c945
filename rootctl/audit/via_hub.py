"""Auditing by the hub's function, in batches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lambdas.domain.accounts import AccountId
from lambdas.domain.clock import utc_now
from lambdas.domain.event_fields import Fields, MalformedEvent
from lambdas.domain.hardening.removal import CallRefused
from lambdas.domain.report.account_row import AccountRow
from lambdas.domain.sweep import Sweep, SweepMode
from lambdas.domain.sweep_accounts import ListedAccount
from rootctl.at_once import at_once
from rootctl.audit.findings import Audit, could_not_look
from rootctl.hub import Function, FunctionFailed, Hub

# A worker's share of STS requests is small: this many accounts take it some seconds.
_BATCH = 20
_AT_ONCE = 4

Batch = tuple[ListedAccount, ...]


@dataclass(frozen=True)
class HubAuditor:
    """Lets audit_accounts look, and tell what it saw."""

    hub: Hub
    sweep: Sweep

    @classmethod
    def of(cls, hub: Hub) -> "HubAuditor":
        """Begin an audit that is no sweep: it leaves no results in the bucket."""
        now = utc_now()
        sweep_id = f"rootctl-{now:%Y%m%dT%H%M%SZ}"
        return cls(hub, Sweep(sweep_id=sweep_id, started_at=now, mode=SweepMode.AUDIT))

    def audit(self, accounts: Sequence[ListedAccount]) -> Audit:
        """Look into the accounts; see rootctl.audit.findings.Auditor."""
        self.hub.output(Function.AUDIT_ACCOUNTS)
        batches = [tuple(accounts[first : first + _BATCH]) for first in range(0, len(accounts), _BATCH)]
        harvest = at_once(batches, self._rows, threads=_AT_ONCE, description="Auditing batches of accounts")
        return Audit(
            rows=tuple(row for rows in harvest.done.values() for row in rows),
            not_looked_at=tuple(each for batch in harvest.left + harvest.not_begun for each in batch),
        )

    def row(self, account: ListedAccount) -> AccountRow:
        """Look into one account here and now: a Ctrl-C is the caller's to handle."""
        [row] = self._rows((account,))
        return row

    def _rows(self, batch: Batch) -> list[AccountRow]:
        request = {
            "BatchInput": self.sweep.to_detail(),
            "Items": [account.to_detail() for account in batch],
            "answer": "rows",
        }
        try:
            answer = self.hub.ask(Function.AUDIT_ACCOUNTS, request)
            rows = _by_account(answer)
        except CallRefused as refused:
            return _nobody_looked(batch, code=refused.code, message=refused.message)
        except (FunctionFailed, MalformedEvent) as error:
            return _nobody_looked(batch, code=type(error).__name__, message=str(error))
        unfinished = "the function's time was over before this account's turn came"
        return [
            rows.get(account.account_id)
            or could_not_look(account, utc_now(), code="OutOfTime", message=unfinished)
            for account in batch
        ]


def _by_account(answer: Fields) -> Mapping[AccountId, AccountRow]:
    rows = map(AccountRow.from_detail, answer.objects("rows"))
    return {row.account_id: row for row in rows}


def _nobody_looked(batch: Batch, *, code: str, message: str) -> list[AccountRow]:
    return [could_not_look(account, utc_now(), code=code, message=message) for account in batch]
