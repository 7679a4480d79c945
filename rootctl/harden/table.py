"""A hardening for people."""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lambdas.domain.root_credentials import PASSWORD, Credential
from rootctl.harden.ending import Ending, How, Left
from rootctl.terminal.consoles import printable
from rootctl.terminal.wording import counted, with_advice

_WORDS = {
    How.WOULD_REMOVE: "to be removed",
    How.PARTIAL: "not all removed",
    How.SKIPPED: "left alone",
    How.UNREACHABLE: "could not be checked",
    How.UNKNOWN: "unknown: audit it",
    How.NOT_BEGUN: "not begun",
}
_COLOURS = {How.CLEAN: "green", How.HARDENED: "green", How.WOULD_REMOVE: "bold yellow"}


def preview_table(endings: Iterable[Ending]) -> RenderableType:
    """Return what would be removed."""
    return _table("Would be removed", endings)


def ended_table(endings: Sequence[Ending]) -> RenderableType:
    """Return what was removed, and one line that sums up."""
    counts = {how: sum(ending.how is how for ending in endings) for how in How}
    told = ", ".join(f"{count} {word(how)}" for how, count in counts.items() if count)
    return Group(_table("Removed", endings), Text(f"Accounts: {len(endings)} ({told})."))


def question(previews: Iterable[Ending]) -> str:
    """Return what the operator is to agree to."""
    to_do = [preview for preview in previews if preview.how is How.WOULD_REMOVE]
    credentials = sum(len(preview.credentials) for preview in to_do)
    return (
        f"Remove {counted(credentials, 'root credential')} from {counted(len(to_do), 'account')}, for good?"
    )


def word(how: How) -> str:
    """Return a result as people say it."""
    return _WORDS.get(how, how.value)


def _table(removed: str, endings: Iterable[Ending]) -> Table:
    table = Table(show_lines=True)
    for heading in ("Account", "Result", removed, "Stays, and why"):
        table.add_column(heading, overflow="fold")
    for ending in endings:
        name, account_id = ending.account.name, ending.account.account_id
        cells = (
            "\n".join(known for known in (name, account_id) if known),
            "\n".join(map(_credential, ending.credentials)),
            _stays(ending),
        )
        account, credentials, stays = (Text(printable(cell)) for cell in cells)
        result = Text(word(ending.how), _COLOURS.get(ending.how, "bold red"))
        table.add_row(account, result, credentials, stays)
    return table


def _credential(credential: Credential) -> str:
    kind = credential.kind.value.replace("_", " ")
    return kind if credential == PASSWORD else f"{kind} {credential.identifier}"


def _stays(ending: Ending) -> str:
    reason = ending.reason
    if reason is None:
        return "\n".join(map(_left, ending.left))
    # Why an account is left alone is a sentence that says it all; AWS's codes say what its sentences do not.
    why = reason.text if ending.how is How.SKIPPED else f"{reason.code}: {with_advice(reason.text)}"
    return "\n".join([*map(_left, ending.left), why])


def _left(left: Left) -> str:
    what = left.kind.value.replace("_", " ")
    which = f" {left.identifier}" if left.identifier not in (None, PASSWORD.identifier) else ""
    return f"{what}{which}: {with_advice(left.why)}"
