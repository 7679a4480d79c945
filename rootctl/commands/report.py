"""A sweep's report for people: when, how many accounts stand how, and what needs attention."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rootctl.aws import AwsSession
from rootctl.errors import Hindered, WrongUsage
from rootctl.hub import Hub
from rootctl.options import Output, OutputOption, Profile, Region
from rootctl.terminal import counted, printable, read_json, results
from rootwarden.aws.reports_bucket import FORMS, ReportArchive
from rootwarden.event_fields import Fields, MalformedEvent
from rootwarden.report.totals import Totals

_ROWS = (
    ("clean", "no root credentials", "green"),
    ("hardened", "had some, all removed and proven", "green"),
    ("exposed", "have root credentials", "bold red"),
    ("partial", "something could not be removed", "bold red"),
    ("unreachable", "could not be looked at", "bold yellow"),
    ("not_active", "suspended, or being closed", "dim"),
    ("management", "the management account", "dim"),
)


def as_table(report: Fields) -> RenderableType:
    """Return the totals, the checks that are not passed, and what the report lacks; raises Hindered."""
    try:
        return Group(*_parts(report))
    except MalformedEvent as malformed:
        raise Hindered(
            f"The report cannot be read: {malformed}. Save it with --save to look at it."
        ) from malformed


def _parts(report: Fields) -> list[RenderableType]:
    totals = Totals.from_detail(report.object("totals"))
    sweep, finished = printable(report.text("sweepId")), report.time("finishedAt")
    return [
        Text(
            f"Sweep {sweep} of {counted(totals.accounts, 'account')}, {finished:%Y-%m-%d %H:%M} UTC",
            "bold",
        ),
        _counts(totals),
        *_checks(report),
        *_missing(report),
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
        Text(printable(f"{name.replace('_', ' ')}: {text}"), colours[status])
        for name, status, text in checks
        if status in colours
    ]


def _missing(report: Fields) -> list[Text]:
    return [Text(f"missing: {printable(str(each))}", "yellow") for each in report.items("missing")]


def _summary(totals: Totals) -> str:
    need = (
        f"{counted(totals.needs_attention, 'account')} {'needs' if totals.needs_attention == 1 else 'need'}"
    )
    besides = f"{totals.exempt} exempt, {totals.recovery_window} in a recovery window"
    return f"{need} attention; {besides}. rootctl report --save DIRECTORY gives every account."


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


def report(
    *,
    date: Date = None,
    sweep: SweepId = None,
    save: Save = None,
    profile: Profile = None,
    region: Region = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Fetch the latest report, or another one: totals here, everything with --save or --output.

    --output json and csv print the whole report as the sweep wrote it (docs/report.md).
    """
    if date and sweep:
        raise WrongUsage("Say --date or --sweep, not both.")
    hub = Hub.find(AwsSession.begin(profile, region))
    archive = ReportArchive(hub.session.client("s3"), hub.output("EvidenceBucketName"))
    sweep_id = sweep or (_of_day(archive, date) if date else _latest(archive))
    forms = {form: _form(archive, sweep_id, form) for form in (FORMS if save else _needed(output))}
    if save:
        _save(save, forms)
    if output is Output.TABLE:
        results().print(as_table(_fields(forms["json"], sweep_id)))
    else:
        typer.echo(forms[output.value], nl=output is Output.JSON)


def _needed(output: Output) -> tuple[str, ...]:
    return ("json",) if output is Output.TABLE else (output.value,)


def _latest(archive: ReportArchive) -> str:
    text = archive.latest()
    if text is None:
        raise NoReport(
            "There is no report yet: the first sweep has not ended. rootctl doctor tells when one did, and"
            " how to start one."
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
