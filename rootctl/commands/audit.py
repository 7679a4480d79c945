"""`rootctl audit`: which root credentials accounts have."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from rootctl.account_rows import INTERRUPTED, ORDER, WORDS, presence, table_of_rows
from rootctl.accounts import OrganizationAccounts, check_one_choice, chosen
from rootctl.auditing import Audit, Auditor, DirectAuditor, HubAuditor
from rootctl.direct import RootAccess
from rootctl.hub_or_direct import LOOKING, HubOrDirect
from rootctl.options import (
    AccountArguments,
    All,
    RunOptions,
    Unit,
    ViaHubOrDirect,
)
from rootctl.output import Columns, csv_of, show
from rootwarden.accounts import Account
from rootwarden.outcomes import iso
from rootwarden.root_credentials import CredentialKind
from rootwarden.sweep.sweep import AccountRow, RowResult

_CSV: Columns[AccountRow] = {
    "account_id": lambda row: row.account_id,
    "name": lambda row: row.account.name,
    "state": lambda row: row.account.state,
    "organizational_unit": lambda row: row.account.organizational_unit,
    "result": lambda row: row.result.value,
    **{kind.value: partial(presence, kind) for kind in CredentialKind},
    "exemption_until": lambda row: row.exemption_until,
    "recovery_window_until": lambda row: iso(row.recovery_window.until) if row.recovery_window else None,
    "code": lambda row: row.code,
    "message": lambda row: row.message,
    "audited_at": lambda row: iso(row.audited_at),
}

Exposed = Annotated[
    bool,
    typer.Option(
        "--exposed", help="Show only accounts with root credentials, and those that could not be checked."
    ),
]


def audit(
    run: RunOptions,
    *,
    account: AccountArguments = None,
    ou: Unit = None,
    every: All = False,
    exposed: Exposed = False,
    via_hub: ViaHubOrDirect = None,
) -> None:
    """Look which root credentials accounts have: password, access keys, certificates, MFA devices.

    Only looks. An account that could not be looked into is shown as that, never as clean, and ends the
    command with exit code 1, whatever was found besides; else exit code 3 means root credentials that are
    neither exempt nor in a recovery window (both of which only the hub knows). Accounts are looked up with
    your own credentials either way: organizations:Describe* and organizations:List*.
    """
    check_one_choice(account, ou, every=every)
    account_ids = run.account_ids(account)
    organization = OrganizationAccounts.of(run.session)
    listed = chosen(organization, account_ids, ou)
    auditor = _auditor(run, organization, HubOrDirect.find(run.session, via_hub=via_hub), listed)
    found = auditor.audit(listed)
    rows = [row for row in found.rows if not exposed or _is_exposed(row)]
    document = {
        "accounts": [row.to_detail() for row in rows if row.code != INTERRUPTED],
        "notLookedAt": found.not_looked_at,
        "counts": {result.value: count for result, count in sorted(found.counts.items())},
    }
    show(
        run.output,
        table=Group(table_of_rows(rows), Text(_summary(found))),
        document=document,
        csv=csv_of(rows, _CSV),
    )
    raise typer.Exit(found.exit)


def _auditor(
    run: RunOptions, organization: OrganizationAccounts, way: HubOrDirect, accounts: Sequence[Account]
) -> Auditor:
    """Return what looks, once it is said which way, and agreed to."""
    if way.hub:
        way.enter(run, accounts, LOOKING)
        return HubAuditor.of(way.hub)
    direct = DirectAuditor(RootAccess(run.session).pool(), organization.management_account_id)
    way.enter(run, direct.reached(accounts), LOOKING)
    return direct


def _is_exposed(row: AccountRow) -> bool:
    return row.has_credentials or row.result is RowResult.UNREACHABLE


def _summary(audit: Audit) -> str:
    counts = audit.counts
    said = [f"{counts[result]} {WORDS.get(result, result)}" for result in reversed(ORDER) if counts[result]]
    if audit.not_looked_at:
        said.append(f"{len(audit.not_looked_at)} not looked at")
    return f"Accounts: {len(audit.rows)} ({', '.join(said) or 'none'})."
