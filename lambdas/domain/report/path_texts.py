"""Alarm paths in words: how all of an account's stand, and which of the organization's are silent."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from lambdas.domain.coverage.paths import AlarmPath, PathStatus
from lambdas.domain.report.entries import Entry

_WORDS = {
    PathStatus.SILENT: "silent",
    PathStatus.WAITING: "waiting",
    PathStatus.NOT_POSSIBLE: "not possible",
    PathStatus.PROVEN: "proven",
}
_SHOWN = 40


def worst(paths: Iterable[AlarmPath]) -> str | None:
    """Return how the worst of an account's paths stands; None where it has none."""
    found = {path.status for path in paths}
    return next((words for status, words in _WORDS.items() if status in found), None)


def each(paths: Iterable[AlarmPath]) -> str:
    """Return every path in a line: Region, how it stands, since when or why."""
    return "; ".join(" ".join(_words(path)) for path in paths)


def paths_in_html(entries: Sequence[Entry]) -> str:
    """Return a table of the Regions, and the silent paths one by one."""
    regions: dict[str, Counter[PathStatus]] = {}
    for entry in entries:
        for path in entry.paths:
            regions.setdefault(path.region, Counter())[path.status] += 1
    if not regions:
        return '<p class="quiet">No Region forwards.</p>'
    head = "".join(f'<th scope="col">{words.capitalize()}</th>' for words in _WORDS.values())
    rows = "".join(
        f'<tr><th scope="row">{escape(region)}</th>'
        + "".join(f"<td>{counts[status]:,}</td>" for status in _WORDS)
        + "</tr>"
        for region, counts in regions.items()
    )
    table = f'<tr><th scope="col">Region</th>{head}</tr>{rows}'
    return f'<div class="scroll"><table class="controls">{table}</table></div>{_silent(entries)}'


def _silent(entries: Iterable[Entry]) -> str:
    found = [
        f"{entry.row.account.name or 'no name'} ({entry.row.account_id}): {' '.join(_words(path))}"
        for entry in entries
        for path in entry.paths
        if path.status is PathStatus.SILENT
    ]
    rest = len(found) - _SHOWN
    shown = [*found[:_SHOWN], *([f"and {rest:,} more, listed in report.json"] if rest > 0 else [])]
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in shown)}</ul>" if shown else ""


def _words(path: AlarmPath) -> Iterator[str]:
    yield f"{path.region} {_WORDS[path.status]}"
    if path.silent_since:
        yield f"since {path.silent_since:%Y-%m-%d %H:%M}"
    if path.proven_at:
        is_proven = path.status is PathStatus.PROVEN
        yield f"{'at' if is_proven else 'proven last at'} {path.proven_at:%Y-%m-%d %H:%M}"
    elif path.status is PathStatus.SILENT:
        yield "never proven"
    if path.why:
        yield f"({path.why})"
