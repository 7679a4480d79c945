"""An audit for programs."""

import json
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rootctl.accounts import OrganizationAccounts
from rootctl.auditing import Audit, Auditor, DirectAuditor, HubAuditor
from rootctl.aws import AwsSession
from rootctl.errors import WrongUsage
from rootctl.hub import Hub
from rootctl.options import Output, OutputOption, Profile, Region, ViaHub, account_ids, show
from rootctl.root_access import RootAccess
from rootctl.terminal import csv_lines, printable, with_advice
from rootwarden.accounts import Account
from rootwarden.outcomes import iso
from rootwarden.root_credentials import CredentialKind, Posture
from rootwarden.sweep.sweep import AccountRow, RowResult

_KINDS = tuple(CredentialKind)
_COLUMNS = (
    *("id", "name", "state", "organizationalUnit", "result"),
    *(kind.value for kind in _KINDS),
    *("exemptionUntil", "recoveryWindowUntil", "code", "message", "auditedAt"),
)


def as_json(audit: Audit) -> str:
    """Return everything, as one document. A posture of null: nobody knows."""
    document = {
        "accounts": [row.to_detail() for row in audit.rows],
        "notLookedAt": [account.account_id for account in audit.not_looked_at],
        "counts": {result.value: count for result, count in sorted(audit.counts.items())},
    }
    return json.dumps(document, indent=2)


def as_csv(audit: Audit) -> str:
    """Return a line an account. A credential is yes, no or unknown: never empty."""
    left = [(*_who(account), "not_looked_at", *_credentials(None)) for account in audit.not_looked_at]
    return csv_lines(_COLUMNS, [*map(_cells, audit.rows), *left])


def _cells(row: AccountRow) -> tuple[object, ...]:
    window = row.recovery_window
    return (
        *_who(row.account),
        row.result.value,
        *_credentials(row.posture),
        row.exemption_until,
        iso(window.until) if window else None,
        row.code,
        row.message,
        iso(row.audited_at),
    )


def _who(account: Account) -> tuple[object, ...]:
    return (account.account_id, account.name, account.state, account.organizational_unit)


def _credentials(posture: Posture | None) -> tuple[str, ...]:
    if posture is None:
        return ("unknown",) * len(_KINDS)
    return tuple("yes" if kind in posture.present else "no" for kind in _KINDS)


_COLOURS = {
    RowResult.CLEAN: "green",
    RowResult.EXPOSED: "bold red",
    RowResult.UNREACHABLE: "bold yellow",
}
# What needs people comes last, where a terminal ends up.
_ORDER = (
    RowResult.MANAGEMENT,
    RowResult.NOT_ACTIVE,
    RowResult.CLEAN,
    RowResult.UNREACHABLE,
    RowResult.EXPOSED,
)
_WORDS = {RowResult.UNREACHABLE: "could not be checked", RowResult.NOT_ACTIVE: "not active"}
_KIND_COLUMNS = {
    kind: f"{kind.value.replace('_', ' ')}{'' if kind is CredentialKind.PASSWORD else 's'}"
    for kind in CredentialKind
}


def as_table(audit: Audit) -> RenderableType:
    """Return a row an account, what needs people last, and one line that sums up."""
    table = Table()
    for heading in ("Account", "Name", "Result", "Root credentials", "Remarks"):
        table.add_column(heading, overflow="fold")
    for row in sorted(audit.rows, key=lambda row: _place(row.result)):
        cells = (row.account_id, row.account.name or "", _credentials_cell(row.posture), _remarks(row))
        account, name, credentials, remarks = (Text(printable(cell)) for cell in cells)
        result = Text(word(row.result), _COLOURS.get(row.result, "dim"))
        table.add_row(account, name, result, credentials, remarks)
    for left in audit.not_looked_at:
        name = Text(printable(left.name or ""))
        table.add_row(left.account_id, name, Text("not looked at", "bold yellow"), "unknown", "interrupted")
    return Group(table, Text(_summary(audit)))


def word(result: RowResult) -> str:
    """Return a result as people say it."""
    return _WORDS.get(result, result.value)


def _place(result: RowResult) -> int:
    return _ORDER.index(result) if result in _ORDER else len(_ORDER)


def _credentials_cell(posture: Posture | None) -> str:
    if posture is None:
        return "unknown"
    return ", ".join(_KIND_COLUMNS[kind] for kind in CredentialKind if kind in posture.present) or "none"


def _remarks(row: AccountRow) -> str:
    window = row.recovery_window
    said = (
        f"exempt until {row.exemption_until}: {row.exemption_reason}" if row.is_exempt else None,
        f"recovery window until {window.until:%Y-%m-%d %H:%M} UTC: {window.reason}" if window else None,
        ": ".join(word for word in (row.code, row.message) if word),
    )
    return with_advice("; ".join(remark for remark in said if remark))


def _summary(audit: Audit) -> str:
    counts = audit.counts
    told = [f"{counts[result]} {word(result)}" for result in reversed(_ORDER) if counts[result]]
    if audit.not_looked_at:
        told.append(f"{len(audit.not_looked_at)} not looked at")
    accounts = len(audit.rows) + len(audit.not_looked_at)
    return f"Accounts: {accounts} ({', '.join(told) or 'none'})."


Accounts = Annotated[
    list[str] | None, typer.Argument(metavar="ACCOUNT...", help="Account ids, 12 digits each.")
]
Unit = Annotated[
    str | None, typer.Option("--ou", metavar="ID", help="Every account in this unit and the units below it.")
]
All = Annotated[bool, typer.Option("--all", help="Every account of the organization.")]


def audit(
    *,
    account: Accounts = None,
    ou: Unit = None,
    every: All = False,
    via_hub: ViaHub = False,
    profile: Profile = None,
    region: Region = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Look which root credentials accounts have: password, access keys, certificates, MFA devices.

    Only looks. An account nobody could look into is shown as that, never as clean, and ends the command
    with exit code 1, whatever was found besides; else exit code 3 tells of root credentials that are
    neither exempt nor in a recovery window (both of which only the hub knows). Accounts are looked up with
    your own credentials either way: organizations:Describe* and organizations:List*.
    """
    session = AwsSession.begin(profile, region)
    if sum((bool(account), ou is not None, every)) != 1:
        raise WrongUsage("Say which accounts: their ids, --ou or --all; one of the three.")
    organization = OrganizationAccounts.of(session)
    listed = _accounts(organization, account, ou)
    found = _auditor(session, organization, via_hub=via_hub).audit(listed)
    show(output, found, as_table=as_table, as_json=as_json, as_csv=as_csv)
    raise typer.Exit(found.exit)


def _accounts(
    organization: OrganizationAccounts, account: Sequence[str] | None, unit: str | None
) -> list[Account]:
    if account:
        return organization.named(account_ids(account, named="ACCOUNT"))
    return organization.below(unit) if unit else organization.every()


def _auditor(session: AwsSession, organization: OrganizationAccounts, *, via_hub: bool) -> Auditor:
    if via_hub:
        return HubAuditor.of(Hub.find(session))
    return DirectAuditor(RootAccess(session).pool(), organization.management_account_id)
