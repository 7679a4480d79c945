"""Finds service control policies that would block root sessions."""

from collections.abc import Sequence

import typer

from lambdas.adapters.service_control_policies import Member, Organization, ServiceControlPolicies
from lambdas.domain.accounts import AccountId
from rootctl.aws import AwsSession
from rootctl.errors import WrongUsage
from rootctl.exit_codes import Exit
from rootctl.options import Accounts, Output, OutputOption, Profile, Region, account_ids
from rootctl.preflight.survey import Survey, survey
from rootctl.preflight.survey_records import as_csv, as_json
from rootctl.preflight.survey_table import as_table
from rootctl.terminal.consoles import with_progress
from rootctl.terminal.showing import show


def preflight(
    account: Accounts = None,
    profile: Profile = None,
    region: Region = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Find the service control policies that would block root sessions, and how to mend them.

    Only reads: no root session is opened. Ends with exit code 3 when a policy surely blocks a task.
    """
    accounts = account_ids(account)
    session = AwsSession.begin(profile, region)
    found = survey_policies(ServiceControlPolicies(session.client("organizations")), accounts)
    show(output, found, as_table=as_table, as_json=as_json, as_csv=as_csv)
    raise typer.Exit(Exit.FINDINGS if found.blocks else Exit.DONE)


def survey_policies(policies: ServiceControlPolicies, accounts: Sequence[AccountId]) -> Survey:
    """Survey these accounts, or without any all of the organization; raises WrongUsage, MalformedPolicy."""
    organization = policies.organization()
    members = [_member(policies, organization, account) for account in accounts]
    if not policies.are_enabled():
        return Survey(organization, are_enabled=False)
    names = policies.names()
    read = [
        policies.read(policy_id, names[policy_id])
        for policy_id in with_progress(list(names), "Reading policies")
    ]
    every = members or list(with_progress(policies.members(), "Reading accounts"))
    reached = [member for member in every if member.account_id != organization.management_account_id]
    return survey(organization, read, with_progress(reached, "Judging"))


def _member(policies: ServiceControlPolicies, organization: Organization, account: AccountId) -> Member:
    if account == organization.management_account_id:
        raise WrongUsage(
            f"{account} is the management account: no policy binds it, and it takes no root sessions."
            " Name a member account."
        )
    member = policies.member(account)
    if member is None:
        raise WrongUsage(
            f"{account} is not in organization {organization.organization_id}:"
            " check the account id, and --profile."
        )
    return member
