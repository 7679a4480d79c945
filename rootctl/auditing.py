"""Audits of accounts: with the operator's own credentials, or by the hub."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from rootctl.account_rows import INTERRUPTED, exit_of_row
from rootctl.direct import THREADS, patient_attempts
from rootctl.errors import Exit, worst
from rootctl.failures import may_not_ask
from rootctl.hub import Function, FunctionFailed, Hub
from rootctl.parallel import Results, at_once
from rootwarden.accounts import Account
from rootwarden.aws.root_session_pool import RootSessionPool
from rootwarden.contract.configured import Mode
from rootwarden.events import AccountId, Fields, MalformedEvent
from rootwarden.hardening.removal import LookingSession, Preview, preview
from rootwarden.outcomes import utc_now
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import KeepRule, Posture
from rootwarden.sweep.batch import Failed
from rootwarden.sweep.row_judge import row_without_a_call
from rootwarden.sweep.sweep import AccountRow, RowResult, Sweep, listed


class Auditor(Protocol):
    """Looks into accounts: the operator's own root sessions do, or the hub."""

    def audit(self, accounts: Sequence[Account]) -> "Audit":
        """Look into the accounts, whatever becomes of single ones; raises what stops the whole audit."""


@dataclass(frozen=True)
class Audit:
    """An audit of some accounts, in rows; also of accounts that an interruption left out.

    is_interrupted: also where every account was looked into nevertheless.
    """

    rows: tuple[AccountRow, ...]
    is_interrupted: bool

    @classmethod
    def of(cls, rows: Iterable[AccountRow], left_out: Iterable[Account], *, is_interrupted: bool) -> Self:
        """Return the audit, with a row for each account that was left out."""
        now, text = utc_now(), "you interrupted the audit"
        missed = (could_not_look(each, now, code=INTERRUPTED, message=text) for each in left_out)
        return cls((*rows, *missed), is_interrupted)

    @property
    def not_looked_at(self) -> list[AccountId]:
        """The accounts that an interruption left out."""
        return [row.account_id for row in self.rows if row.code == INTERRUPTED]

    @property
    def counts(self) -> Counter[RowResult]:
        """How many accounts there are of each result, without those left out."""
        return Counter(row.result for row in self.rows if row.code != INTERRUPTED)

    @property
    def exit(self) -> Exit:
        """How the command ends; an account that could not be looked into outweighs any finding."""
        return Exit.INTERRUPTED if self.is_interrupted else worst(map(exit_of_row, self.rows))


def could_not_look(account: Account, at: datetime, *, code: str, message: str) -> AccountRow:
    """Return the row of an account that could not be looked into."""
    return AccountRow(
        account=account, result=RowResult.UNREACHABLE, audited_at=at, code=code, message=message
    )


@dataclass(frozen=True)
class DirectAuditor:
    """Opens one audit session an account: two calls each, and a few more where credentials exist."""

    sessions: RootSessionPool
    management_account_id: AccountId

    def audit(self, accounts: Sequence[Account]) -> Audit:
        """Look into the accounts; see rootctl.auditing.Auditor."""
        results = at_once(accounts, self._look, threads=THREADS, description="Auditing accounts")
        return Audit.of(results.done.values(), results.left_out, is_interrupted=results.is_interrupted)

    def reached(self, accounts: Iterable[Account]) -> list[Account]:
        """Return the accounts in which it opens a root session."""
        now = utc_now()
        return [each for each in accounts if not row_without_a_call(self.management_account_id, each, now)]

    def _look(self, account: Account) -> AccountRow:
        now = utc_now()
        settled = row_without_a_call(self.management_account_id, account, now)
        if settled:
            return settled
        seen = patient_attempts().at(lambda: _seen(self.sessions.audit(account.account_id), now))
        if isinstance(seen, Failed):
            return could_not_look(account, now, code=seen.code, message=seen.message)
        posture, found = seen
        result = RowResult.CLEAN if posture.is_clean else RowResult.EXPOSED
        return AccountRow(account=account, result=result, audited_at=now, posture=posture, preview=found)


def _seen(session: LookingSession, now: datetime) -> tuple[Posture, Preview | None]:
    posture = session.posture()
    return posture, None if posture.is_clean else preview(session, posture, KeepRule(now=now))


# A worker's share of STS requests is small: this many accounts take it some seconds.
_BATCH = 20
_AT_ONCE = 4

Batch = tuple[Account, ...]


@dataclass(frozen=True)
class HubAuditor:
    """Lets audit_accounts look, and return what it saw."""

    hub: Hub
    sweep: Sweep

    @classmethod
    def of(cls, hub: Hub) -> "HubAuditor":
        """Begin an audit that is no sweep: it leaves no results in the bucket."""
        now = utc_now()
        sweep_id = f"rootctl-{now:%Y%m%dT%H%M%SZ}"
        return cls(hub, Sweep(sweep_id=sweep_id, started_at=now, mode=Mode.OBSERVE))

    def audit(self, accounts: Sequence[Account]) -> Audit:
        """Look into the accounts; see rootctl.auditing.Auditor."""
        results = self._batches(accounts)
        return Audit.of(
            (row for rows in results.done.values() for row in rows),
            (each for batch in results.left_out for each in batch),
            is_interrupted=results.is_interrupted,
        )

    def rows(self, accounts: Sequence[Account]) -> list[AccountRow]:
        """Look into the accounts; raises KeyboardInterrupt where it was interrupted: nothing follows."""
        return [row for rows in self._batches(accounts).seen().values() for row in rows]

    def row(self, account: Account) -> AccountRow:
        """Look into one account here and now: a Ctrl-C is the caller's to handle."""
        [row] = self._rows((account,))
        return row

    def _batches(self, accounts: Sequence[Account]) -> Results[Batch, list[AccountRow]]:
        self.hub.output(Function.AUDIT_ACCOUNTS)
        batches = [tuple(accounts[first : first + _BATCH]) for first in range(0, len(accounts), _BATCH)]
        return at_once(batches, self._rows, threads=_AT_ONCE, description="Auditing batches of accounts")

    def _rows(self, batch: Batch) -> list[AccountRow]:
        request = {
            "BatchInput": self.sweep.to_detail(),
            "Items": [listed(account) for account in batch],
        }
        try:
            answer = self.hub.ask(Function.AUDIT_ACCOUNTS, request)
            rows = _by_account(answer)
        except CallRefused as refused:
            if may_not_ask(refused):
                raise
            return _unreachable(batch, code=refused.code, message=refused.message)
        except (FunctionFailed, MalformedEvent) as error:
            return _unreachable(batch, code=type(error).__name__, message=str(error))
        unfinished = "the function's time was over before this account's turn came"
        return [
            rows.get(account.account_id)
            or could_not_look(account, utc_now(), code="OutOfTime", message=unfinished)
            for account in batch
        ]


def _by_account(answer: Fields) -> Mapping[AccountId, AccountRow]:
    rows = map(AccountRow.from_detail, answer.objects("rows"))
    return {row.account_id: row for row in rows}


def _unreachable(batch: Batch, *, code: str, message: str) -> list[AccountRow]:
    return [could_not_look(account, utc_now(), code=code, message=message) for account in batch]
