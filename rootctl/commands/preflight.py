"""Finds service and resource control policies that would block root sessions."""

from collections.abc import Sequence
from dataclasses import replace

import typer

from lambdas.adapters.service_control_policies import (
    AttachedPolicy,
    Member,
    Organization,
    PolicyKind,
    ServiceControlPolicies,
)
from lambdas.domain.accounts import AccountId
from lambdas.domain.hardening.removal import CallRefused
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
    """Find the policies of the organization that would block root sessions, and how to change them.

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
    are_enabled = policies.are_enabled()
    read, unread = _read_all(policies, are_enabled=are_enabled)
    openers, unknown = _openers(policies, organization) if are_enabled else ([], [])
    every = members or list(with_progress(policies.members(), "Reading accounts"))
    reached = [member for member in every if member.account_id != organization.management_account_id]
    found = survey(organization, read, with_progress(reached, "Judging"), openers, are_enabled=are_enabled)
    return replace(found, not_judged=(*unread, *unknown))


def _read_all(
    policies: ServiceControlPolicies, *, are_enabled: bool
) -> tuple[list[AttachedPolicy], list[str]]:
    """Return every policy that applies, and what kind of them could not be read."""
    of_services = policies.names() if are_enabled else {}
    names = [(PolicyKind.OF_SERVICES, *found) for found in of_services.items()]
    not_read = []
    try:
        if policies.are_enabled(PolicyKind.OF_RESOURCES):
            listed = policies.names(PolicyKind.OF_RESOURCES)
            names += [(PolicyKind.OF_RESOURCES, *found) for found in listed.items()]
    except CallRefused as refused:
        not_read.append(f"Resource control policies were not judged: {refused}.")
    read = [
        policies.read(policy_id, name, kind)
        for kind, policy_id, name in with_progress(names, "Reading policies")
    ]
    return read, not_read


def _openers(policies: ServiceControlPolicies, organization: Organization) -> tuple[list[Member], list[str]]:
    """Return the members that open root sessions, and what could not be found out about them."""
    try:
        found = [policies.member(account) for account in policies.session_openers()]
    except CallRefused as refused:
        return [], [f"Whether sessions can be opened was not judged: {refused}."]
    bound = [member for member in found if member]
    return [m for m in bound if m.account_id != organization.management_account_id], []


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
