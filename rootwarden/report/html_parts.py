"""The parts of the page that stand without a script: tiles, checks, changes, alarm paths, what is missing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape as escape_markup

from rootwarden.coverage.paths import PathStatus
from rootwarden.events import AccountId
from rootwarden.inert_text import inert
from rootwarden.report.alarm_paths import STATUS_WORDS, path_in_words
from rootwarden.report.checks import CheckName, names_of_failed, names_of_unasked
from rootwarden.report.controls import CONTROLS, ControlStatus
from rootwarden.report.entries import Entry
from rootwarden.report.posture_chart import NO_SHARE, percent
from rootwarden.report.report import Report

_SHOWN = 40
_ORDER = (ControlStatus.FAIL, ControlStatus.UNKNOWN, ControlStatus.PASS)
_STATUS_WORDS = {
    ControlStatus.FAIL: "Failed",
    ControlStatus.UNKNOWN: "Not known",
    ControlStatus.PASS: "Passed",
}
_CHECK_WORDS = {
    CheckName.TRUSTED_ACCESS: "Trusted access for IAM",
    CheckName.ROOT_CREDENTIALS_MANAGEMENT: "Root credentials management",
    CheckName.ROOT_SESSIONS: "Root sessions",
    CheckName.DELEGATED_ADMINISTRATOR: "Delegated administrator for IAM",
    CheckName.MANAGEMENT_ROOT: "Management account's root user",
    CheckName.RULES: "Rules of EventBridge",
    CheckName.FORWARDING: "Forwarding of root activity",
    CheckName.REGIONS: "Regions accounts opted in to",
    CheckName.STALE_ACCOUNTS: "Accounts out of sight",
    CheckName.UNDELIVERED: "Events not sent to the hub",
    CheckName.ALERT_SUBSCRIPTIONS: "Subscriptions to alerts",
    CheckName.MEMBER_STACKS: "StackSet of the members",
}
_CHANGE_WORDS = {
    "nowExposed": "Now exposed",
    "nowUnreachable": "Now unreachable",
    "nowClean": "Now clean",
    "added": "New accounts",
    "removed": "Gone from the organization",
}


def escape(text: str) -> str:
    """Return a text for the page: inert, and without markup."""
    return escape_markup(inert(text))


def in_words(time: datetime) -> str:
    """Return a time as people read it."""
    return f"{time:%Y-%m-%d %H:%M} UTC"


def counted(count: int, one: str, many: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {one if count == 1 else many}"


def verdict(report: Report) -> tuple[str, str]:
    """Return how it stands, as a style class and in one line."""
    failing, unasked = len(names_of_failed(report.checks)), len(names_of_unasked(report.checks))
    attention = report.totals.needs_attention
    problems = [
        *([counted(attention, "account needs attention", "accounts need attention")] if attention else []),
        *([counted(failing, "check failed", "checks failed")] if failing else []),
        *([counted(unasked, "check could not be made", "checks could not be made")] if unasked else []),
        *(["this report is incomplete"] if report.missing else []),
    ]
    if attention or failing:
        return "bad", " · ".join(problems)
    if problems or not report.entries:
        line = " · ".join(problems) or "no account was looked at"
        return "unsure", line[0].upper() + line[1:]
    unknown = sum(check.status is ControlStatus.UNKNOWN for check in report.checks)
    known = f" · {counted(unknown, 'check is not known', 'checks are not known')}" if unknown else ""
    return "good", f"No account needs attention, and no check failed{known}"


def tiles(report: Report) -> str:
    """Return the totals; each tile with a filter shows its accounts in the table."""
    totals = report.totals
    active = counted(totals.in_question, "active member", "active members")
    shown = (
        ("", "Accounts", totals.accounts, active, ""),
        ("good", "Proven clean", totals.proven, f"{percent(totals) or NO_SHARE} of active members", "proven"),
        (
            "",
            "Hardened now",
            totals.hardened,
            "credentials removed by this sweep or a run before it",
            "hardened",
        ),
        ("bad", "Exposed", totals.exposed, "root credentials exist", "exposed"),
        ("bad", "Partial", totals.partial, "removal not complete or not proven", "partial"),
        ("unsure", "Unreachable", totals.unreachable, "could not be looked at", "unreachable"),
        ("", "Exempt", totals.exempt, "left alone, with a reason and an end", "exempt"),
        ("", "Not active", totals.not_active, "suspended, closing or closed", "not_active"),
    )
    return "".join(_tile(*tile) for tile in shown)


def _tile(kind: str, label: str, count: int, note: str, filters: str) -> str:
    quiet = "" if count else " none"
    tile = f'class="tile {kind}{quiet}" data-filter="{filters}"'
    return (
        f'<button type="button" {tile}><span class="label">{label}</span>'
        f'<span class="count">{count:,}</span><span class="note">{note}</span></button>'
    )


def checks(report: Report) -> str:
    """Return the checks, the failed ones on top."""
    by_status = sorted(report.checks, key=lambda check: _ORDER.index(check.status))
    return "".join(
        f'<li class="{check.status}"><span class="status">{_STATUS_WORDS[check.status]}</span>'
        f'<span class="what"><b>{escape(_CHECK_WORDS[check.name])}</b> '
        f"<span>{escape(check.text)}</span></span></li>"
        for check in by_status
    )


def changes(report: Report) -> str:
    """Return what changed since the sweep before."""
    if report.previous.sweep_id is None:
        text = "the previous report cannot be read" if report.previous.missing else "this is the first sweep"
        return f'<p class="quiet">Nothing to compare with: {text}.</p>'
    detail = report.changes.to_detail()
    names = {entry.row.account_id: entry.row.account.name for entry in report.entries}
    names |= {
        account_id: before.account.name
        for account_id, before in report.previous.accounts.items()
        if account_id not in names
    }
    found = [
        f"<div><h3>{words} <b>{len(detail[key]):,}</b></h3>{_accounts(detail[key], names)}</div>"
        for key, words in _CHANGE_WORDS.items()
        if detail[key]
    ]
    since = f'<p class="quiet">Since sweep {escape(report.previous.sweep_id)}.</p>'
    return since + ("".join(found) or '<p class="quiet">Nothing changed.</p>')


def _accounts(account_ids: Sequence[AccountId], names: Mapping[AccountId, str | None]) -> str:
    return _list([f"{names.get(one) or 'no name'} ({one})" for one in account_ids])


def _list(texts: Sequence[str]) -> str:
    rest = len(texts) - _SHOWN
    more = [f"and {rest:,} more, listed in report.json"] if rest > 0 else []
    return f"<ul>{_items([*texts[:_SHOWN], *more])}</ul>"


def paths(report: Report) -> str:
    """Return a table of the Regions, and the silent paths one by one."""
    regions: dict[str, Counter[PathStatus]] = {}
    for entry in report.entries:
        for path in entry.paths:
            regions.setdefault(path.region, Counter())[path.status] += 1
    if not regions:
        return '<p class="quiet">No Region forwards.</p>'
    head = "".join(f'<th scope="col">{words.capitalize()}</th>' for words in STATUS_WORDS.values())
    rows = "".join(
        f'<tr><th scope="row">{escape(region)}</th>'
        + "".join(f"<td>{counts[status]:,}</td>" for status in STATUS_WORDS)
        + "</tr>"
        for region, counts in regions.items()
    )
    table = f'<tr><th scope="col">Region</th>{head}</tr>{rows}'
    return f'<div class="scroll"><table class="controls">{table}</table></div>{_silent(report.entries)}'


def _silent(entries: Iterable[Entry]) -> str:
    found = [
        f"{entry.row.account.name or 'no name'} ({entry.row.account_id}): {path_in_words(path)}"
        for entry in entries
        for path in entry.paths
        if path.status is PathStatus.SILENT
    ]
    return _list(found) if found else ""


def expected(report: Report) -> str:
    """Return the calls that are expected; nothing where none is."""
    if not report.expected:
        return ""
    texts = [
        f"{', '.join(each.calls)} by {each.principal} {'ended on' if ended else 'until'} {each.until}:"
        f" {each.reason}{' (alerts as any other)' if ended else ''}"
        for each, ended in report.expectations
    ]
    quiet = "These calls alert as low, by the configuration. What is critical stays critical."
    return f'<section><h2>Expected calls</h2><p class="quiet">{quiet}</p><ul>{_items(texts)}</ul></section>'


def missing(report: Report) -> str:
    """Return what the report lacks; nothing where it lacks nothing."""
    if not report.missing:
        return ""
    return (
        '<section class="missing"><h2>This report is incomplete</h2>'
        f"<ul>{_items(report.missing_shown)}</ul></section>"
    )


def _items(texts: Iterable[str]) -> str:
    return "".join(f"<li>{escape(text)}</li>" for text in texts)


def controls() -> str:
    """Return the table of controls with their numbers in the benchmarks."""
    versions = [version for version, _ in CONTROLS[0].cis]
    head = "".join(f'<th scope="col">CIS {version}</th>' for version in versions)
    rows = "".join(
        f'<tr><th scope="row">{control.control_id}</th><td>{escape(control.title)}</td>'
        + "".join(f"<td>{number}</td>" for _, number in control.cis)
        + "</tr>"
        for control in CONTROLS
    )
    return f'<tr><th scope="col">Control</th><th scope="col">What it asks</th>{head}</tr>{rows}'
