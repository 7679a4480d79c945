"""A survey of service control policies for people."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lambdas.domain.policies.service_control_policies import Verdict
from rootctl.preflight.remedies import remedy
from rootctl.preflight.survey import Survey, SurveyedFinding
from rootctl.terminal.consoles import printable

_COLOURS = {Verdict.BLOCKS: "bold red", Verdict.MAY_BLOCK: "yellow", Verdict.HARMLESS: "green"}
_COLUMNS = {"Verdict": 2, "Policy": 5, "Attached to": 5, "Statement": 4, "Tasks": 4, "How to mend": 7}
_FEW_ACCOUNTS = 2


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
        "\n".join(finding.tasks),
        remedy(finding, survey.organization.partition),
    ]


def _place(found: SurveyedFinding) -> str:
    targets = ["\n".join(dict.fromkeys((name, target))) for target, name in found.attached_to.items()]
    reached: list[str] = [account for account in found.accounts if account not in found.attached_to]
    if len(reached) > _FEW_ACCOUNTS:
        reached = [f"{len(found.accounts)} accounts"]
    return "\n".join(targets + [f"→ {account}" for account in reached])


def _summary(survey: Survey) -> str:
    if not survey.are_enabled:
        return "Service control policies are not enabled in this organization: none applies."
    verdicts = [survey.verdict(policy) for policy in survey.policies]
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in Verdict)
    gaps = sum(found.finding.statement is None for found in survey.findings)
    lacking = f" Places that lack an Allow: {gaps}." if gaps else ""
    return f"Policies judged: {len(verdicts)} ({counts}). Accounts: {survey.accounts}.{lacking}"
