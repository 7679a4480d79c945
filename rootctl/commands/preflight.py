"""`rootctl preflight`: which policies of the organization would block root sessions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from rootctl.errors import Exit, WrongUsage, worst
from rootctl.options import RunOptions
from rootctl.output import Columns, csv_of, printable, show, table_of, with_progress
from rootctl.policy_survey import MOST_ATTACHED, Survey, SurveyedFinding, remedy, survey
from rootwarden.aws.organizations import Organization, organization_of
from rootwarden.aws.service_control_policies import (
    AttachedPolicy,
    Member,
    PolicyKind,
    ServiceControlPolicies,
)
from rootwarden.events import AccountId
from rootwarden.policies.service_control_policies import BlockVerdict, PolicyFinding, Task
from rootwarden.refusals import CallRefused
from rootwarden.root_credentials import CredentialKind

_COLOURS = {BlockVerdict.BLOCKS: "bold red", BlockVerdict.MAY_BLOCK: "yellow", BlockVerdict.HARMLESS: "green"}
_FEW_ACCOUNTS = 2
_NOT_ENABLED = "Service control policies are not enabled in this organization: none applies."

Accounts = Annotated[
    list[str] | None,
    typer.Option(
        "--account",
        metavar="ACCOUNT",
        help="Look at this account only; may be repeated. Default: every account.",
    ),
]
Hub = Annotated[
    str | None,
    typer.Option(
        "--hub",
        metavar="ACCOUNT",
        help="Account that rootwarden runs in, or will: whether policies let it open root sessions is judged"
        " beside IAM's delegated administrators.",
    ),
]
_NO_OPENER = (
    "Whether sessions can be opened was not judged: IAM has no delegated administrator. Name the account that"
    " rootwarden runs in, or will, by --hub ACCOUNT."
)
_CSV: Columns[Mapping[str, Any]] = {
    "verdict": itemgetter("verdict"),
    "policies": lambda record: [each["id"] for each in record["policies"]],
    "attached_to": lambda record: [each["id"] for each in record["attachedTo"]],
    "statement": itemgetter("statement"),
    "tasks": itemgetter("tasks"),
    "credential_kinds": itemgetter("credentialKinds"),
    "actions": itemgetter("actions"),
    "depends_on": itemgetter("dependsOn"),
    "account_ids": itemgetter("accounts"),
    "remedy": itemgetter("remedy"),
}


def preflight(run: RunOptions, account: Accounts = None, hub: Hub = None) -> None:
    """Find the policies of the organization that would block root sessions, and how to change them.

    Only reads: no root session is opened. Ends with exit code 3 when a policy surely blocks a task, and 1
    where not everything could be judged.
    """
    accounts = run.account_ids(account)
    opener = run.account_id(hub) if hub else None
    policies = ServiceControlPolicies(run.session.client("organizations"))
    found = survey_policies(policies, accounts, hub=opener)
    records = [_record(each, found) for each in found.findings]
    show(
        run.output,
        table=_table(found),
        document=_document(found, records),
        csv=csv_of(records, _CSV),
        beside_csv=map(printable, found.not_judged),
    )
    blocks = [Exit.FINDINGS] if found.blocks else []
    raise typer.Exit(worst([*blocks, *([Exit.FAILED] if found.not_judged else [])]))


def _document(survey: Survey, records: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    return {
        "organizationId": survey.organization.organization_id,
        "serviceControlPoliciesEnabled": survey.are_enabled,
        "accounts": survey.accounts,
        "policies": [
            {
                "id": policy.policy_id,
                "name": policy.name,
                "type": "resource" if policy.is_of_resources else "service",
                "verdict": survey.verdict(policy),
            }
            for policy in survey.policies
        ],
        "findings": records,
        "notJudged": list(survey.not_judged),
        "takeNoFurtherPolicy": [{"id": target, "name": name} for target, name in survey.full.items()],
    }


def _record(found: SurveyedFinding, survey: Survey) -> dict[str, Any]:
    finding = found.finding
    return {
        "verdict": finding.verdict,
        "policies": [{"id": policy.policy_id, "name": policy.name} for policy in finding.policies],
        "attachedTo": [{"id": target, "name": name} for target, name in found.attached_to.items()],
        "statement": finding.statement.label if finding.statement else None,
        "tasks": [task.name.lower() for task in finding.tasks],
        "credentialKinds": [kind.value for kind in finding.kinds],
        "actions": finding.actions,
        "dependsOn": finding.depends_on,
        "accounts": found.accounts,
        "remedy": remedy(finding, survey.organization.partition),
    }


def _table(survey: Survey) -> RenderableType:
    """Return the findings, the worst first, and lines that sum up."""
    columns: Columns[SurveyedFinding] = {
        "Verdict": lambda each: Text(each.finding.verdict, _COLOURS[each.finding.verdict]),
        "Policy": lambda each: "\n".join(f"{p.name}\n{p.policy_id}" for p in each.finding.policies) or "none",
        "Attached to": _place,
        "Statement": lambda each: each.finding.statement.label if each.finding.statement else "no Allow",
        "Tasks": lambda each: "\n".join(_tasks(each.finding)),
        "What to change": lambda each: remedy(each.finding, survey.organization.partition),
    }
    summary = Text(_summary(survey))
    return Group(table_of(survey.findings, columns, show_lines=True), summary) if survey.findings else summary


def _tasks(finding: PolicyFinding) -> list[str]:
    some = len(finding.kinds) < len(CredentialKind)
    kinds = f" ({', '.join(kind.value.replace('_', ' ') for kind in finding.kinds)})" if some else ""
    return [f"{task}{kinds if task is Task.DELETE else ''}" for task in finding.tasks]


def _place(found: SurveyedFinding) -> str:
    targets = ["\n".join(dict.fromkeys((name, target))) for target, name in found.attached_to.items()]
    reached: list[str] = [account for account in found.accounts if account not in found.attached_to]
    if len(reached) > _FEW_ACCOUNTS:
        reached = [f"{len(found.accounts)} accounts"]
    return "\n".join(targets + [f"→ {account}" for account in reached])


def _summary(survey: Survey) -> str:
    verdicts = [survey.verdict(policy) for policy in survey.policies]
    counts = ", ".join(f"{verdict}: {verdicts.count(verdict)}" for verdict in BlockVerdict)
    gaps = sum(found.finding.statement is None for found in survey.findings)
    lacking = f" Places that lack an Allow: {gaps}." if gaps else ""
    judged = f"Policies judged: {len(verdicts)} ({counts}). Accounts: {survey.accounts}.{lacking}"
    off = () if survey.are_enabled else (_NOT_ENABLED,)
    return "\n".join((*off, judged, *map(printable, survey.not_judged), *_full(survey)))


def _full(survey: Survey) -> list[str]:
    if not survey.full:
        return []
    names = ", ".join(" ".join(dict.fromkeys((name, target))) for target, name in survey.full.items())
    return [
        printable(
            f"No further service control policy, such as deny-root, can be attached to {names}:"
            f" AWS takes {MOST_ATTACHED}."
        )
    ]


def survey_policies(
    policies: ServiceControlPolicies, accounts: Sequence[AccountId], *, hub: AccountId | None
) -> Survey:
    """Survey these accounts, or without any all of the organization; raises WrongUsage, MalformedPolicy.

    hub: an account that opens root sessions, beside those that IAM has as delegated administrators.
    """
    organization = organization_of(policies.client)
    members = [_member(policies, organization, account) for account in accounts]
    are_enabled = policies.are_enabled()
    read, unread = _read_all(policies, are_enabled=are_enabled)
    openers, unknown = _openers(policies, organization, hub) if are_enabled else ([], [])
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


def _openers(
    policies: ServiceControlPolicies, organization: Organization, hub: AccountId | None
) -> tuple[list[Member], list[str]]:
    """Return the members that open root sessions, and what could not be found out about them."""
    try:
        openers = {*policies.session_openers(), *([hub] if hub else [])}
        # No policy binds the management account.
        bound = sorted(openers - {organization.management_account_id})
        found = [_member(policies, organization, account) for account in bound]
    except CallRefused as refused:
        return [], [f"Whether sessions can be opened was not judged: {refused}."]
    return found, [] if openers else [_NO_OPENER]


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
            " check the account, and --profile."
        )
    return member
