"""What an unlock answers, as a table, CSV or JSON."""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rootctl.errors import Exit
from rootctl.terminal import csv_lines, printable, with_advice
from rootwarden.event_fields import Fields
from rootwarden.hardening.outcome import Reason
from rootwarden.outcomes import AccountReference
from rootwarden.policies.locks import StatementVerdict, Verdict
from rootwarden.unlocking.evidence import EvidenceReference
from rootwarden.unlocking.outcome import UnlockResult
from rootwarden.unlocking.requests import Resource


@dataclass(frozen=True, kw_only=True)
class PolicyAnswer:
    """One answer; detail is all of it, as it came."""

    result: UnlockResult
    account: AccountReference
    resource: Resource
    policy: str | None
    statements: tuple[StatementVerdict, ...]
    evidence: EvidenceReference | None
    not_looked_at: Mapping[str, str]
    reason: Reason | None
    detail: Mapping[str, object]

    @classmethod
    def read(cls, answer: Fields) -> Self:
        """Read an answer; raises MalformedEvent."""
        evidence, reason = answer.optional_object("evidence"), answer.optional_object("reason")
        missed = answer.optional_object("notLookedAt")
        regions = missed.value if missed and isinstance(missed.value, Mapping) else {}
        return cls(
            result=answer.choice(UnlockResult, "result"),
            account=AccountReference.from_detail(answer.object("account")),
            resource=Resource.from_detail(answer.object("resource")),
            policy=answer.optional_text("policy"),
            statements=tuple(map(StatementVerdict.from_detail, answer.objects("statements"))),
            evidence=EvidenceReference.from_detail(evidence) if evidence else None,
            not_looked_at={str(region): str(code) for region, code in regions.items()},
            reason=Reason(reason.text("code"), reason.optional_text("text") or "") if reason else None,
            detail=dict(answer.value) if isinstance(answer.value, Mapping) else {},
        )

    @property
    def locks(self) -> bool:
        """Whether a statement surely locks."""
        return any(statement.verdict is Verdict.LOCKS for statement in self.statements)

    @property
    def exit(self) -> Exit:
        """How the command ends."""
        if self.result is UnlockResult.FAILED or self.reason:
            return Exit.FAILED
        return Exit.FINDINGS if self.result is UnlockResult.SHOWN and self.locks else Exit.DONE


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
