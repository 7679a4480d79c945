"""Hardening, made from a function's settings; what it remembers is in the state table."""

from dataclasses import dataclass

from rootwarden.accounts import AccountId
from rootwarden.aws import clients
from rootwarden.aws.account_records import PosturesTable
from rootwarden.aws.event_bus import OutcomeBus
from rootwarden.aws.organizations import OrganizationsDirectory
from rootwarden.aws.recovery_windows import RecoveryWindows
from rootwarden.aws.state_table import ClaimsTable, KeyKind, StateTable
from rootwarden.contract.settings import AuditAccountsSettings, HardenAccountSettings
from rootwarden.hardening.account_hardening import AccountHardener
from rootwarden.hardening.removal import Progress, RootSessions
from rootwarden.hardening.run import HardeningRun
from rootwarden.outcomes import utc_now
from rootwarden.recovery.windows import RecoveryWindow


@dataclass(frozen=True)
class HardeningRecords:
    """See rootwarden.hardening.account_hardening.HardeningMemory; progress stays with the claim."""

    claims: ClaimsTable
    windows: RecoveryWindows

    def recovery_window(self, account_id: AccountId) -> RecoveryWindow | None:
        """Return the account's open recovery window, if there is one."""
        return self.windows.open_window(account_id)

    def remember(self, work: str, progress: Progress) -> None:
        """Put on record what is about to be removed, before it is."""
        self.claims.note(work, progress.to_json())


def hardening_run(
    settings: HardenAccountSettings | AuditAccountsSettings, table: StateTable, sessions: RootSessions
) -> HardeningRun:
    """Return what hardens accounts in these sessions, as the settings say."""
    claims = ClaimsTable(table, KeyKind.ACCOUNT, utc_now)
    hardener = AccountHardener(
        organization=OrganizationsDirectory(clients.organizations()),
        sessions=sessions,
        memory=HardeningRecords(claims, RecoveryWindows(table, utc_now)),
        clock=utc_now,
        exemptions=settings.exemptions,
        remove_recently_used_keys=settings.remove_recently_used_keys,
    )
    return HardeningRun(
        claims=claims,
        hardener=hardener,
        publish=OutcomeBus(clients.events(), settings.event_bus_name).publish,
        postures=PosturesTable(table, utc_now),
    )
