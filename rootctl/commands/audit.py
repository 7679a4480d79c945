"""Looks which root credentials accounts have."""

from collections.abc import Sequence
from typing import Annotated

import typer

from lambdas.domain.sweep_accounts import ListedAccount
from rootctl.accounts import OrganizationAccounts, as_listed
from rootctl.audit.direct import DirectAuditor
from rootctl.audit.findings import Auditor
from rootctl.audit.records import as_csv, as_json
from rootctl.audit.table import as_table
from rootctl.audit.via_hub import HubAuditor
from rootctl.aws import AwsSession
from rootctl.errors import WrongUsage
from rootctl.hub import Hub
from rootctl.options import Output, OutputOption, Profile, Region, ViaHub, account_ids
from rootctl.root_access import RootAccess
from rootctl.terminal.showing import show

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
) -> list[ListedAccount]:
    if account:
        return list(map(as_listed, organization.named(account_ids(account, named="ACCOUNT"))))
    return organization.below(unit) if unit else organization.every()


def _auditor(session: AwsSession, organization: OrganizationAccounts, *, via_hub: bool) -> Auditor:
    if via_hub:
        return HubAuditor.of(Hub.find(session))
    return DirectAuditor(RootAccess(session).pool(), organization.management_account_id)
