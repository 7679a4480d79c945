"""`rootctl report`: a sweep's report, in short for people or as it was written."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rootctl.account_rows import exit_of_row, table_of_rows
from rootctl.aws import AwsSession
from rootctl.errors import Exit, Hindered, WrongUsage, worst
from rootctl.hub import Hub
from rootctl.options import RunOptions
from rootctl.output import Output, counted, print_whole, printable, read_json, results, show_csv
from rootctl.printed_commands import complete
from rootwarden.aws.reports_bucket import FORMS, ReportArchive
from rootwarden.events import Fields, MalformedEvent
from rootwarden.report.totals import Totals
from rootwarden.sweep.sweep import AccountRow

_ROWS = (
    ("clean", "no root credentials", "green"),
    ("hardened", "had some, all removed and proven", "green"),
    ("exposed", "have root credentials", "bold red"),
    ("partial", "something could not be removed", "bold red"),
    ("unreachable", "could not be looked at", "bold yellow"),
    ("not_active", "suspended, or being closed", "dim"),
    ("management", "the management account", "dim"),
)

Date = Annotated[
    datetime | None,
    typer.Option(
        "--date", metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="The last report of this day, in UTC."
    ),
]
SweepId = Annotated[str | None, typer.Option("--sweep", metavar="ID", help="The report of this sweep.")]
Save = Annotated[
    Path | None,
    typer.Option(
        "--save", metavar="DIRECTORY", file_okay=False, help="Write report.html, .json and .csv there."
    ),
]


class NoReport(Hindered):
    """When there is no report of that kind, or one that cannot be read."""


def report(run: RunOptions, *, date: Date = None, sweep: SweepId = None, save: Save = None) -> None:
    """Fetch the latest report, or another one: who needs attention here, everything with --save or --output.

    --output json and csv print the whole report as the sweep wrote it (docs/report.md). It ends as an audit
    does: exit code 1 where an account could not be looked at, else 3 where one needs attention. It needs
    s3:GetObject on the evidence bucket's reports/*, and s3:ListBucket on the bucket.
    """
    if date and sweep:
        raise WrongUsage("Say --date or --sweep, not both.")
    archive = _archive(run.session, Hub.find(run.session))
    sweep_id = sweep or (_of_day(archive, date) if date else _latest(archive))
    needed = {"json", *([] if run.output is Output.TABLE else [run.output.value])}
    forms = {form: _form(archive, sweep_id, form) for form in (FORMS if save else needed)}
    found = _fields(forms["json"], sweep_id)
    rows = rows_of(found)
    if save:
        _save(save, forms)
    missing = found.items("missing")
    match run.output:
        case Output.TABLE:
            print_whole(results(), _table(found, rows))
        case Output.JSON:
            typer.echo(forms["json"])
        case Output.CSV:
            show_csv(forms["csv"], missing_lines(missing))
    raise typer.Exit(worst([*map(exit_of_row, rows), *([Exit.FAILED] if missing else [])]))


def latest_report(session: AwsSession, hub: Hub) -> Fields:
    """Return the latest report; raises NoReport."""
    archive = _archive(session, hub)
    sweep_id = _latest(archive)
    return _fields(_form(archive, sweep_id, "json"), sweep_id)


def _archive(session: AwsSession, hub: Hub) -> ReportArchive:
    return ReportArchive(session.client("s3"), hub.output("EvidenceBucketName"))


def rows_of(report: Fields) -> list[AccountRow]:
    """Return the report's accounts; raises NoReport."""
    try:
        return [AccountRow.from_detail(each) for each in report.objects("accounts")]
    except MalformedEvent as malformed:
        raise NoReport(_unreadable(malformed)) from malformed


def _latest(archive: ReportArchive) -> str:
    text = archive.latest()
    if text is None:
        raise NoReport(
            "There is no report yet: the first sweep has not ended, or reports/latest.json was deleted, and"
            " --date finds others. rootctl doctor says when a sweep ended, and how to start one."
        )
    try:
        return _fields(text, "the latest").text("sweepId")
    except MalformedEvent as malformed:
        raise NoReport(_unreadable(malformed)) from malformed


def _of_day(archive: ReportArchive, date: datetime) -> str:
    day = date.replace(tzinfo=UTC).date()
    found = archive.last_of(day)
    if found is None:
        raise NoReport(f"No report was written on {day} (UTC): name another day, or the sweep with --sweep.")
    return found


def _form(archive: ReportArchive, sweep_id: str, form: str) -> str:
    text = archive.read(sweep_id, form)
    if text is None:
        raise NoReport(f"There is no report.{form} of a sweep {sweep_id}: check the id, or name a --date.")
    return text


def _fields(text: str, sweep_id: str) -> Fields:
    try:
        return Fields(read_json(text, f"the report of {sweep_id}"))
    except MalformedEvent as malformed:
        raise NoReport(_unreadable(malformed)) from malformed


def _unreadable(malformed: MalformedEvent) -> str:
    return f"The report cannot be read: {malformed}. Name another with --date."


def _save(directory: Path, forms: Mapping[str, str]) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for form, text in forms.items():
            path = directory / f"report.{form}"
            path.write_text(text, encoding="utf-8", newline="")
            typer.echo(f"Wrote {path}", err=True)
    except OSError as error:
        raise Hindered(
            f"{error.filename} cannot be written: {error.strerror}. Name another directory."
        ) from error


def _table(report: Fields, rows: Sequence[AccountRow]) -> RenderableType:
    """Return the totals, who needs attention, the checks not passed, and what is missing; raises Hindered."""
    try:
        return Group(*_parts(report, [row for row in rows if row.needs_attention]))
    except MalformedEvent as malformed:
        raise Hindered(
            f"The report cannot be read: {malformed}. Save it with --save to look at it."
        ) from malformed


def _parts(report: Fields, need_attention: Sequence[AccountRow]) -> list[RenderableType]:
    totals = Totals.from_detail(report.object("totals"))
    sweep, finished = printable(report.text("sweepId")), report.time("finishedAt")
    return [
        Text(
            f"Sweep {sweep} of {counted(totals.accounts, 'account')}, {finished:%Y-%m-%d %H:%M} UTC",
            "bold",
        ),
        _counts(totals),
        *([table_of_rows(need_attention)] if need_attention else []),
        *_checks(report),
        *missing_lines(report.items("missing")),
        Text(_summary(totals)),
    ]


def _counts(totals: Totals) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right")
    table.add_column()
    table.add_column(style="dim")
    for name, meaning, colour in _ROWS:
        count = getattr(totals, name)
        table.add_row(Text(str(count), colour if count else "dim"), name.replace("_", " "), meaning)
    return table


def _checks(report: Fields) -> list[Text]:
    checks = [
        (each.text("check"), each.text("status"), each.text("text")) for each in report.objects("checks")
    ]
    colours = {"fail": "bold red", "unknown": "yellow"}
    return [
        Text(printable(f"{name.replace('_', ' ')}: {complete(text)}"), colours[status])
        for name, status, text in checks
        if status in colours
    ]


def missing_lines(missing: Iterable[object]) -> list[Text]:
    """Return what a report says it does not have, in a line each."""
    return [Text(f"missing: {printable(str(each))}", "yellow") for each in missing]


def _summary(totals: Totals) -> str:
    need = (
        f"{counted(totals.needs_attention, 'account')} {'needs' if totals.needs_attention == 1 else 'need'}"
    )
    besides = f"{totals.exempt} exempt, {totals.recovery_window} in a recovery window"
    return f"{need} attention; {besides}. {complete('rootctl report')} --save DIRECTORY gives every account."
