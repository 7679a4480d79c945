"""What is remembered about an account while it is hardened."""

from dataclasses import dataclass

from lambdas.adapters.claims_table import ClaimsTable
from lambdas.adapters.recovery_windows import RecoveryWindows
from lambdas.domain.accounts import AccountId
from lambdas.domain.hardening.progress import Progress
from lambdas.domain.recovery.windows import RecoveryWindow


@dataclass(frozen=True)
class HardeningRecords:
    """See lambdas.domain.hardening.account_hardening.HardeningMemory; progress stays with the claim."""

    claims: ClaimsTable
    windows: RecoveryWindows

    def recovery_window(self, account_id: AccountId) -> RecoveryWindow | None:
        """Return the account's open recovery window, if there is one."""
        return self.windows.open_window(account_id)

    def remember(self, work: str, progress: Progress) -> None:
        """Put on record what is about to be removed, before it is."""
        self.claims.note(work, progress.to_json())
