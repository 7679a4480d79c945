"""`rootctl plan`: what enforcing would do today."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from rootctl.accounts import OrganizationAccounts
from rootctl.auditing import HubAuditor
from rootctl.commands.report import NoReport, latest_report, missing_lines, rows_of
from rootctl.errors import Exit, Hindered, worst
from rootctl.hub import Hub
from rootctl.options import RunOptions
from rootctl.output import Columns, beside_results, counted, csv_of, print_whole, printable, show, table_of
from rootctl.plan.owners import with_owners
from rootctl.plan.page import page
from rootctl.plan.planned import Fate, Planned, credential_in_words, planned, stay_in_words, use_in_words
from rootctl.printed_commands import complete
from rootwarden.outcomes import iso, utc_now
from rootwarden.sweep.sweep import AccountRow

_COLOURS = {Fate.WOULD_REMOVE: "bold yellow", Fate.NOT_KNOWN: "bold red", Fate.LEFT_ALONE: "dim"}
_WORDS = {
    Fate.WOULD_REMOVE: "would be hardened",
    Fate.WOULD_LEAVE: "would keep all that is in use",
    Fate.LEFT_ALONE: "would be left alone",
    Fate.NOT_KNOWN: "not known",
}
_CSV: Columns[Planned] = {
    "account_id": lambda each: each.account.account_id,
    "name": lambda each: each.account.name,
    "organizational_unit": lambda each: each.account.organizational_unit,
    "owner": attrgetter("owner"),
    "fate": lambda each: each.fate.value,
    "would_remove": lambda each: [f"{c.kind.value}:{c.identifier}" for c in each.goes],
    "would_stay": lambda each: [f"{stay.kind.value}:{stay.identifier or '?'}" for stay in each.stays],
    "why_stay": lambda each: "; ".join(map(stay_in_words, each.stays)),
    "last_used": lambda each: [
        f"{use.kind.value}:{use.identifier}={iso(use.at) if use.at else 'never'}" for use in each.last_used
    ],
    "may_break": lambda each: list(each.may_break),
    "why": attrgetter("why"),
}

_INCOMPLETE = " Of what the report has not, nothing is known: the report is incomplete."

Now = Annotated[bool, typer.Option("--now", help="Look into every account now, through the hub.")]
OwnerTag = Annotated[
    str | None,
    typer.Option(
        "--owner-tag",
        metavar="KEY",
        help="The accounts' tag that names their owner; without it the one the hub is configured with.",
    ),
]
Save = Annotated[
    Path | None,
    typer.Option("--save", metavar="FILE", dir_okay=False, help="Write the plan as a page (HTML) there."),
]


def plan(run: RunOptions, *, now: Now = False, owner_tag: OwnerTag = None, save: Save = None) -> None:
    """Say what enforcing would do today: accounts, credentials, their last use, owners, what may break.

    Only looks. Goes by the latest sweep's report; with --now, or where there is none, the hub looks into
    every account. Owners are read with your own credentials (organizations:ListTagsForResource). Exit code
    3 means that something would be removed or left for a person, 1 that an account could not be looked at,
    or is missing from the report.
    """
    hub = Hub.find(run.session)
    rows, seen_at, missing = _rows(run, hub, now=now)
    plans = [each for each in (planned(row, utc_now()) for row in rows) if each]
    plans.sort(key=lambda each: list(Fate).index(each.fate), reverse=True)
    plans = with_owners(run.session.client("organizations"), plans, owner_tag or _owner_tag(hub))
    summary = _summary(plans, seen_at, missing)
    show(
        run.output,
        table=Group(table_of(plans, _columns(), show_lines=True), *missing_lines(missing), Text(summary)),
        document={
            "seenAt": iso(seen_at),
            "accounts": [each.to_detail() for each in plans],
            "missing": list(missing),
        },
        csv=csv_of(plans, _CSV),
        beside_csv=missing_lines(missing),
    )
    # Last: a wrong name for the page takes away nothing of what was seen.
    if save:
        _save(save, page(plans, summary, seen_at, missing))
    raise typer.Exit(worst([*(each.exit for each in plans), *([Exit.FAILED] if missing else [])]))


def _rows(run: RunOptions, hub: Hub, *, now: bool) -> tuple[Sequence[AccountRow], datetime, tuple[str, ...]]:
    """Return what the latest sweep saw, or what is there now, when that was, and what is missing of it."""
    if not now:
        try:
            report = latest_report(run.session, hub)
            missing = tuple(str(each) for each in report.items("missing"))
            return rows_of(report), report.time("startedAt"), missing
        except NoReport as no_report:
            print_whole(beside_results(), complete(f"{no_report} Looking into every account now."))
    accounts = OrganizationAccounts.of(run.session).every()
    return HubAuditor.of(hub).rows(accounts), utc_now(), ()


def _owner_tag(hub: Hub) -> str:
    # A hub of before this output has the default, or a tag that only its functions know.
    return hub.outputs.get("OwnerTag", "owner")


def _columns() -> Columns[Planned]:
    return {
        "Account": _account,
        "Enforcing": lambda each: Text(
            "\n".join([_WORDS[each.fate], *map(credential_in_words, each.goes)]), _COLOURS.get(each.fate, "")
        ),
        "Last used": lambda each: Text("\n".join(map(printable, map(use_in_words, each.last_used)))),
        "Careful": lambda each: Text("\n".join(map(printable, each.careful))),
    }


def _account(each: Planned) -> Text:
    said = [each.account.name, each.account.account_id, f"owner: {each.owner or 'none'}"]
    return Text("\n".join(printable(text) for text in said if text))


def _summary(plans: Sequence[Planned], seen_at: datetime, missing: Sequence[str]) -> str:
    counts = Counter(each.fate for each in plans)
    credentials = sum(len(each.goes) for each in plans)
    said = [f"{counted(counts[fate], 'account')} {words}" for fate, words in _WORDS.items() if counts[fate]]
    return (
        f"As of {seen_at:%Y-%m-%d %H:%M} UTC: {', '.join(said) or 'nothing to remove'}."
        f" Enforcing would remove {counted(credentials, 'root credential')};"
        f" {counted(sum(bool(each.may_break) for each in plans), 'account')} may notice."
        f"{_INCOMPLETE if missing else ''}"
    )


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Hindered(f"{path} cannot be written: {error.strerror}. Name another file.") from error
    typer.echo(f"Wrote {path}", err=True)
