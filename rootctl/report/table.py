"""A sweep's report for people: when, how many accounts stand how, and what needs attention."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lambdas.domain.event_fields import Fields, MalformedEvent
from lambdas.domain.report.totals import Totals
from rootctl.errors import Hindered
from rootctl.terminal.consoles import printable
from rootctl.terminal.wording import counted

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
