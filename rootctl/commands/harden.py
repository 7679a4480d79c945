"""A hardening for programs."""

import json
from collections.abc import Iterable, Sequence
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rootctl.aws import AwsSession
from rootctl.consent import ask, check_consent_possible
from rootctl.hardening import Ending, Hardening, How, Left, direct_hardening, exit_of
from rootctl.hub import Function, Hub
from rootctl.options import (
    AccountArguments,
    DryRun,
    Output,
    OutputOption,
    Profile,
    Reason,
    Region,
    ViaHub,
    Yes,
    account_ids,
    reason_text,
    show,
)
from rootctl.requests import by_hub, who_asks
from rootctl.terminal import counted, csv_lines, printable, with_advice
from rootwarden.root_credentials import PASSWORD, Credential

_COLUMNS = ("id", "name", "result", "removed", "left", "code", "message")
_TO_BE_REMOVED = "toBeRemoved"


def as_json(endings: Sequence[Ending]) -> str:
    """Return everything, as one document. A posture of null: nobody knows."""
    return json.dumps({"accounts": [_record(ending) for ending in endings]}, indent=2)


def as_csv(endings: Iterable[Ending]) -> str:
    """Return a line an account; credentials as kind:id, with spaces between."""
    return csv_lines(_COLUMNS, map(_cells, endings))


def _record(ending: Ending) -> dict[str, object]:
    listed = [{"kind": each.kind.value, "id": each.identifier} for each in ending.credentials]
    is_preview = ending.how is How.WOULD_REMOVE
    return {
        "account": ending.account.to_detail(),
        "result": ending.how.value,
        "before": ending.before.to_detail() if ending.before else None,
        "after": ending.after.to_detail() if ending.after else None,
        "removed": [] if is_preview else listed,
        _TO_BE_REMOVED: listed if is_preview else [],
        "left": [{"kind": each.kind.value, "id": each.identifier, "why": each.why} for each in ending.left],
        "reason": {"code": ending.reason.code, "text": ending.reason.text} if ending.reason else None,
    }


def _cells(ending: Ending) -> tuple[object, ...]:
    is_preview = ending.how is How.WOULD_REMOVE
    removed = "" if is_preview else " ".join(f"{each.kind}:{each.identifier}" for each in ending.credentials)
    left = [f"{each.kind}:{each.identifier or '?'}" for each in ending.left]
    left += [f"{each.kind}:{each.identifier}" for each in ending.credentials] if is_preview else []
    reason = (ending.reason.code, ending.reason.text) if ending.reason else (None, None)
    account = ending.account
    return (account.account_id, account.name, ending.how.value, removed, " ".join(left), *reason)


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


RemoveRecentlyUsed = Annotated[
    bool,
    typer.Option(
        "--remove-recently-used",
        help="Remove access keys, too, that were used within the last 30 days.",
    ),
]


def harden(
    account: AccountArguments,
    *,
    reason: Reason = "asked for with rootctl harden",
    remove_recently_used: RemoveRecentlyUsed = False,
    via_hub: ViaHub = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    profile: Profile = None,
    region: Region = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Remove the root credentials of accounts, and prove by reading back that they are gone.

    Shows first what would be removed, and asks. Access keys used within 30 days stay unless told otherwise;
    then exit code 3 tells that something was left for a person to decide, as it does with --dry-run where
    there is something to remove. An account that could not be checked, or is not proven clean in the end,
    makes it 1. Exemptions and recovery windows are known to the hub alone: only --via-hub heeds them.
    """
    check_consent_possible(yes=yes, dry_run=dry_run)
    accounts = account_ids(account, named="ACCOUNT")
    why = reason_text(reason)
    session = AwsSession.begin(profile, region)
    answer = by_hub(Hub.find(session), Function.HARDEN_ACCOUNT) if via_hub else direct_hardening(session)
    request = {"reason": why, "requestedBy": who_asks(session), "removeRecentlyUsed": remove_recently_used}
    hardening = Hardening(answer, request)
    previews = hardening.preview(accounts)
    if dry_run:
        show(output, previews, as_table=preview_table, as_json=as_json, as_csv=as_csv)
        raise typer.Exit(exit_of(previews))
    if any(preview.how is How.WOULD_REMOVE for preview in previews):
        ask(preview_table(previews), question(previews), yes=yes)
    endings = hardening.harden(previews)
    show(output, endings, as_table=ended_table, as_json=as_json, as_csv=as_csv)
    raise typer.Exit(exit_of(endings))
