"""Hardening, made from a function's settings."""

from rootwarden.aws import clients
from rootwarden.aws.account_records import PosturesTable
from rootwarden.aws.event_bus import OutcomeBus
from rootwarden.aws.hardening_records import HardeningRecords
from rootwarden.aws.organizations import OrganizationsDirectory
from rootwarden.aws.state_table import ClaimsTable, KeyKind, StateTable
from rootwarden.contract.modes import HardeningModes
from rootwarden.contract.settings import AuditAccountsSettings, HardenAccountSettings
from rootwarden.hardening.account_hardening import AccountHardener
from rootwarden.hardening.removal import RootSessions
from rootwarden.hardening.run import HardeningRun
from rootwarden.outcomes import utc_now


def hardening_run(
    settings: HardenAccountSettings | AuditAccountsSettings,
    table: StateTable,
    sessions: RootSessions,
    records: HardeningRecords,
    modes: HardeningModes,
) -> HardeningRun:
    """Return what hardens accounts in these sessions, as the settings say."""
    hardener = AccountHardener(
        organization=OrganizationsDirectory(clients.organizations()),
        sessions=sessions,
        memory=records,
        clock=utc_now,
        exemptions=settings.exemptions,
        modes=modes,
        keep_used_within_days=settings.keep_used_within_days,
    )
    return HardeningRun(
        claims=ClaimsTable(table, KeyKind.ACCOUNT, utc_now),
        hardener=hardener,
        publish=OutcomeBus.of(settings).publish,
        postures=PosturesTable(table, utc_now),
    )
