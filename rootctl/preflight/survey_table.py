"""A survey of service control policies for people."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lambdas.domain.policies.service_control_policies import Finding, Task, Verdict
from lambdas.domain.root_credentials import CredentialKind
from rootctl.preflight.remedies import remedy
from rootctl.preflight.survey import MOST_ATTACHED, Survey, SurveyedFinding
from rootctl.terminal.consoles import printable

_COLOURS = {Verdict.BLOCKS: "bold red", Verdict.MAY_BLOCK: "yellow", Verdict.HARMLESS: "green"}
_COLUMNS = {"Verdict": 2, "Policy": 5, "Attached to": 5, "Statement": 4, "Tasks": 4, "What to change": 7}
_FEW_ACCOUNTS = 2
_NOT_ENABLED = "Service control policies are not enabled in this organization: none applies."


def as_table(survey: Survey) -> RenderableType:
    """Return the findings, the worst first, and one line that sums up."""
    summary = Text(_summary(survey))
    if not survey.findings:
        return summary
    table = Table(show_lines=True)
    for heading, ratio in _COLUMNS.items():
        table.add_column(heading, ratio=ratio, overflow="fold")
    for found in survey.findings:
        verdict = found.finding.verdict
        cells = [Text(printable(cell)) for cell in _cells(found, survey)]
        table.add_row(Text(verdict, _COLOURS[verdict]), *cells)
    return Group(table, summary)


def _cells(found: SurveyedFinding, survey: Survey) -> list[str]:
    finding = found.finding
    return [
        "\n".join(f"{policy.name}\n{policy.policy_id}" for policy in finding.policies) or "none",
        _place(found),
        finding.statement.label if finding.statement else "no Allow",
        "\n".join(_tasks(finding)),
        remedy(finding, survey.organization.partition),
    ]


def _tasks(finding: Finding) -> list[str]:
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
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in Verdict)
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
