"""How people and programs are shown what a request about a policy was answered."""

from rich.console import Group, RenderableType
from rich.text import Text

from rootctl.errors import Exit
from rootctl.output import Columns, csv_of, printable, table_of, with_advice
from rootctl.printed_commands import complete
from rootwarden.messages.commands import restore
from rootwarden.policies.locks import LockVerdict, StatementVerdict
from rootwarden.unlocking.outcome import Unlocked, UnlockResult

_COLOURS = {LockVerdict.LOCKS: "bold red", LockVerdict.MAY_LOCK: "yellow", LockVerdict.HARMLESS: "green"}
_DONE = {
    UnlockResult.DELETED: "The policy was deleted, and that was read back.",
    UnlockResult.REPLACED: "The policy was replaced, and that was read back.",
    UnlockResult.RESTORED: "The saved policy was put back, and that was read back.",
    UnlockResult.UNCHANGED: "There was nothing to change.",
    UnlockResult.FAILED: "The policy may or may not have been changed: look again with --dry-run.",
}


def exit_of(answer: Unlocked) -> Exit:
    """Return how the command ends."""
    if answer.result is UnlockResult.FAILED or answer.reason:
        return Exit.FAILED
    return Exit.FINDINGS if answer.result is UnlockResult.SHOWN and answer.locks else Exit.DONE


def policy_table(answer: Unlocked) -> RenderableType:
    """Return the statements the policy had, and what became of it."""
    columns: Columns[StatementVerdict] = {
        "Verdict": lambda each: Text(each.verdict.value.replace("_", " "), _COLOURS[each.verdict]),
        "Statement": lambda each: f"{each.number} {each.sid or ''}".strip(),
        "Who": lambda each: "" if each.verdict is LockVerdict.HARMLESS else each.who,
        "Why": lambda each: each.why,
    }
    resource, account = answer.resource, answer.account
    return Group(
        Text(printable(f"{str(resource).capitalize()} in {resource.region}, account {account}")),
        Text("It has no policy.")
        if answer.policy is None
        else table_of(answer.statements, columns, show_lines=True),
        *(Text(printable(line)) for line in _remarks(answer)),
    )


def policy_csv(answer: Unlocked) -> str:
    """Return the statements, one a line; one line without, where there is no policy."""
    rows: list[StatementVerdict | None] = [*answer.statements]
    return csv_of(
        rows or [None],
        {
            "result": lambda _: answer.result.value,
            "account_id": lambda _: answer.account.account_id,
            "arn": lambda _: answer.resource.arn,
            "region": lambda _: answer.resource.region,
            "statement": lambda each: each and each.number,
            "sid": lambda each: each and each.sid,
            "verdict": lambda each: each and each.verdict.value,
            "who": lambda each: each and each.who,
            "actions": lambda each: each and each.actions,
            "conditions": lambda each: each and each.conditions,
            "why": lambda each: each and each.why,
        },
    )


def _remarks(answer: Unlocked) -> list[str]:
    said = [_DONE[answer.result]] if answer.result in _DONE else []
    if answer.reason:
        said.append(with_advice(f"{answer.reason.code}: {answer.reason.text}"))
    if answer.evidence:
        hub = f" (in bucket {answer.evidence.bucket})" if answer.evidence.bucket else ""
        command = complete(restore(answer.evidence.key, answer.statements, "…"))
        said.append(f"The policy before is saved: {command}{hub}")
    missed = ", ".join(f"{region} ({code})" for region, code in answer.not_looked_at.items())
    if missed:
        said.append(f"Another one of this name may be where it could not be looked for: {missed}")
    return said
