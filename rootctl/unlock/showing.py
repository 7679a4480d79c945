"""A policy, which of its statements lock whom out, and what became of it."""

import json
import shlex

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lambdas.domain.policies.verdicts import Verdict
from lambdas.domain.unlocking.unlocked import UnlockResult
from rootctl.terminal.consoles import printable
from rootctl.terminal.csv_lines import csv_lines
from rootctl.terminal.wording import with_advice
from rootctl.unlock.answer import PolicyAnswer

_COLOURS = {Verdict.LOCKS: "bold red", Verdict.MAY_LOCK: "yellow", Verdict.HARMLESS: "green"}
_COLUMNS = (
    "result",
    "account",
    "arn",
    "region",
    "statement",
    "sid",
    "verdict",
    "who",
    "actions",
    "conditions",
    "why",
)
_DONE = {
    UnlockResult.DELETED: "The policy was deleted, and that was read back.",
    UnlockResult.REPLACED: "The policy was replaced, and that was read back.",
    UnlockResult.RESTORED: "The saved policy was put back, and that was read back.",
    UnlockResult.UNCHANGED: "There was nothing to change.",
    UnlockResult.FAILED: "The policy may or may not have been changed: look again with --dry-run.",
}


def as_table(answer: PolicyAnswer) -> RenderableType:
    """Return the statements the policy had, and what became of it."""
    resource, account = answer.resource, answer.account
    parts: list[RenderableType] = [
        Text(printable(f"{str(resource).capitalize()} in {resource.region}, account {account}"))
    ]
    parts.append(_statements(answer) if answer.policy is not None else Text("It has no policy."))
    parts += [Text(printable(line)) for line in _remarks(answer)]
    return Group(*parts)


def as_json(answer: PolicyAnswer) -> str:
    """Return the answer as it came."""
    return json.dumps(answer.detail, indent=2)


def as_csv(answer: PolicyAnswer) -> str:
    """Return the statements, one a line; one line without, where there is no policy."""
    about = (answer.result.value, answer.account.account_id, answer.resource.arn, answer.resource.region)
    rows = [
        (
            *about,
            found.number,
            found.sid,
            found.verdict.value,
            found.who,
            " ".join(found.actions),
            " ".join(found.conditions),
            found.why,
        )
        for found in answer.statements
    ]
    return csv_lines(_COLUMNS, rows or [(*about, *(len(_COLUMNS) - len(about)) * ("",))])


def _statements(answer: PolicyAnswer) -> Table:
    table = Table(show_lines=True)
    for heading in ("Verdict", "Statement", "Who", "Why"):
        table.add_column(heading, overflow="fold")
    for found in answer.statements:
        verdict = Text(found.verdict.value.replace("_", " "), _COLOURS[found.verdict])
        cells = (f"{found.number} {found.sid or ''}".strip(), found.who, found.why)
        table.add_row(verdict, *(Text(printable(cell)) for cell in cells))
    return table


def _remarks(answer: PolicyAnswer) -> list[str]:
    told = [_DONE[answer.result]] if answer.result in _DONE else []
    if answer.reason:
        told.append(with_advice(f"{answer.reason.code}: {answer.reason.text}"))
    if answer.evidence:
        hub = f" --via-hub (bucket {answer.evidence.bucket})" if answer.evidence.bucket else ""
        told.append(f"The policy before is saved: rootctl restore {shlex.quote(answer.evidence.key)}{hub}")
    missed = ", ".join(f"{region} ({code})" for region, code in answer.not_looked_at.items())
    if missed:
        told.append(f"Another one of this name may be where nobody could look: {missed}")
    return told
