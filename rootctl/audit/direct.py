"""Auditing with the operator's own root sessions."""

from collections.abc import Sequence
from dataclasses import dataclass

from lambdas.adapters.root_session_pool import RootSessionPool
from lambdas.domain.accounts import AccountId
from lambdas.domain.clock import utc_now
from lambdas.domain.report.account_row import AccountRow
from lambdas.domain.sweep_accounts import ListedAccount
from lambdas.domain.sweep_attempts import Failed
from lambdas.domain.sweep_judgement import row_without_a_call
from lambdas.domain.sweep_rows import RowResult
from rootctl.at_once import at_once
from rootctl.audit.findings import Audit, could_not_look
from rootctl.root_access import THREADS, patient_attempts


@dataclass(frozen=True)
class DirectAuditor:
    """Opens one audit session an account: two calls each."""

    sessions: RootSessionPool
    management_account_id: AccountId

    def audit(self, accounts: Sequence[ListedAccount]) -> Audit:
        """Look into the accounts; see rootctl.audit.findings.Auditor."""
        harvest = at_once(accounts, self._look, threads=THREADS, description="Auditing accounts")
        return Audit(rows=tuple(harvest.done.values()), not_looked_at=harvest.left + harvest.not_begun)

    def _look(self, account: ListedAccount) -> AccountRow:
        now = utc_now()
        settled = row_without_a_call(self.management_account_id, account, now)
        if settled:
            return AccountRow(
                account=account,
                result=settled.result,
                audited_at=now,
                code=settled.code,
                message=settled.message,
            )
        posture = patient_attempts().at(lambda: self.sessions.audit(account.account_id).posture())
        if isinstance(posture, Failed):
            return could_not_look(account, now, code=posture.code, message=posture.message)
        result = RowResult.CLEAN if posture.is_clean else RowResult.EXPOSED
        return AccountRow(account=account, result=result, audited_at=now, posture=posture)
