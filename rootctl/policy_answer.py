"""How people and programs are shown what a request about a policy was answered."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from rootctl.errors import Exit
from rootctl.output import Columns, copyable, csv_of, printable, table_of, with_advice
from rootctl.printed_commands import complete
from rootwarden.messages.commands import restore
from rootwarden.policies.locks import LockVerdict, StatementVerdict
from rootwarden.unlocking.outcome import Unlocked, UnlockResult, is_same

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
    """Return the statements the policy had, those of the policy to put there, and what became of it."""
    resource, account = answer.resource, answer.account
    return Group(
        Text(printable(f"{str(resource).capitalize()} in {resource.region}, account {account}")),
        Text("It has no policy.") if answer.policy is None else _statements(answer.statements),
        *_new_policy(answer),
        *(Text(printable(line)) for line in _remarks(answer)),
        *_way_back(answer),
    )


def _new_policy(answer: Unlocked) -> Iterable[RenderableType]:
    """Show what would come, not what came: that is said."""
    if answer.result is not UnlockResult.SHOWN or answer.new_policy is None:
        return ()
    if is_same(answer.policy, answer.new_policy):
        return (Text("That policy is there already."),)
    return Text("In its place would come:"), _statements(answer.new_statements)


def _statements(verdicts: Iterable[StatementVerdict]) -> RenderableType:
    columns: Columns[StatementVerdict] = {
        "Verdict": lambda each: Text(each.verdict.value.replace("_", " "), _COLOURS[each.verdict]),
        "Statement": lambda each: f"{each.number} {each.sid or ''}".strip(),
        "Who": lambda each: "" if each.verdict is LockVerdict.HARMLESS else each.who,
        "Why": lambda each: each.why,
    }
    return table_of(verdicts, columns, show_lines=True)


def policy_csv(answer: Unlocked) -> str:
    """Return the statements of the policy that was there and of the new one; one line without any."""
    rows: list[tuple[str, StatementVerdict | None]] = [
        *(("present", each) for each in answer.statements),
        *(("new", each) for each in answer.new_statements),
    ]
    return csv_of(
        rows or [("present", None)],
        {
            "result": lambda _: answer.result.value,
            "account_id": lambda _: answer.account.account_id,
            "arn": lambda _: answer.resource.arn,
            "region": lambda _: answer.resource.region,
            "code": lambda _: answer.reason and answer.reason.code,
            "message": lambda _: answer.reason and answer.reason.text,
            "evidence": lambda _: answer.evidence and answer.evidence.key,
            "not_looked_at": lambda _: _not_looked_at(answer),
            "policy": lambda row: row[0],
            "statement": lambda row: row[1] and row[1].number,
            "sid": lambda row: row[1] and row[1].sid,
            "verdict": lambda row: row[1] and row[1].verdict.value,
            "who": lambda row: row[1] and row[1].who,
            "actions": lambda row: row[1] and row[1].actions,
            "conditions": lambda row: row[1] and row[1].conditions,
            "why": lambda row: row[1] and row[1].why,
        },
    )


def _remarks(answer: Unlocked) -> list[str]:
    said = [_DONE[answer.result]] if answer.result in _DONE else []
    if answer.reason:
        said.append(with_advice(f"{answer.reason.code}: {answer.reason.text}"))
    if answer.not_looked_at:
        missed = ", ".join(_not_looked_at(answer))
        said.append(f"Another one of this name may be where it could not be looked for: {missed}")
    return said


def _not_looked_at(answer: Unlocked) -> list[str]:
    return [f"{region} ({code})" for region, code in answer.not_looked_at.items()]


def _way_back(answer: Unlocked) -> tuple[Text, ...]:
    if answer.evidence is None:
        return ()
    where = f" in bucket {answer.evidence.bucket}" if answer.evidence.bucket else ""
    command = complete(restore(answer.evidence.key, answer.statements, "…"))
    return (
        Text(printable(f"The policy before is saved{where}. To put it back:")),
        Text(copyable(command)),
    )
