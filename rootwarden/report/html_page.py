"""report.html: one page that needs nothing but itself, and lets nothing run but its own script."""

import json
from base64 import b64encode
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from string import Template

from rootwarden.inert_text import inert
from rootwarden.outcomes import iso
from rootwarden.report import html_parts
from rootwarden.report.alarm_paths import paths_in_words, worst_status
from rootwarden.report.controls import CONTROLS
from rootwarden.report.entries import UNKNOWN, Entry, keys_last_used, password_last_used
from rootwarden.report.posture_chart import posture_chart
from rootwarden.report.report import Report
from rootwarden.root_credentials import CredentialKind

_HERE = Path(__file__).parent
_WIDE, _NARROW = 960, 340
# Inside a script element a browser looks for its end, and old ones for these separators, even in JSON.
_IN_SCRIPT = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}


def write_html(report: Report) -> str:
    """Write the page."""
    style, script = _file("report.css") + _page_header(report), _file("report.js")
    kind, verdict = html_parts.verdict(report)
    return Template(_file("report.html")).substitute(
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        organization=html_parts.escape(report.organization_id),
        sweep=html_parts.escape(report.sweep.sweep_id),
        mode=html_parts.escape(report.sweep.mode or "not said"),
        started=html_parts.in_words(report.sweep.started_at),
        finished=html_parts.in_words(report.finished_at),
        verdict_kind=kind,
        verdict=html_parts.escape(verdict),
        missing=html_parts.missing(report),
        tiles=html_parts.tiles(report),
        checks=html_parts.checks(report),
        changes=html_parts.changes(report),
        paths=html_parts.paths(report),
        expected=html_parts.expected(report),
        chart_wide=posture_chart(report.history, width=_WIDE),
        chart_narrow=posture_chart(report.history, width=_NARROW),
        sweeps=html_parts.counted(len(report.history), "sweep", "sweeps"),
        controls=html_parts.controls(),
        data=_data(report),
    )


def _page_header(report: Report) -> str:
    """Return the style of what stands on top of each printed page; text within a style is escaped as such."""
    said = f"Root credentials in {report.organization_id} · {html_parts.in_words(report.finished_at)}"
    escaped = "".join(each if each.isalnum() and each.isascii() else f"\\{ord(each):06x}" for each in said)
    number = 'counter(page) " of " counter(pages)'
    return f'@page {{ @top-left {{ content: "{escaped}" }} @top-right {{ content: {number} }} }}\n'


@cache
def _file(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _data(report: Report) -> str:
    document = {
        "finished": iso(report.finished_at),
        "controls": [{"id": control.control_id, "cis": f"CIS {control.numbers}"} for control in CONTROLS],
        "accounts": [_account(entry) for entry in report.entries],
    }
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).translate(_IN_SCRIPT)


def _account(entry: Entry) -> dict[str, object]:
    """Return what the table shows of an account; what is empty is left out, for there may be thousands."""
    row, posture, window = entry.row, entry.row.posture, entry.row.recovery_window
    shown: dict[str, object] = {
        "id": row.account_id,
        "name": row.account.name,
        "unit": row.account.organizational_unit,
        "owner": entry.owner.words if entry.owner else None,
        "state": row.account.state,
        "result": row.result.value,
        "attention": row.needs_attention,
        "has": [kind in posture.present for kind in CredentialKind] if posture else None,
        "passwordUsed": password_last_used(row),
        "keysUsed": keys_last_used(row),
        "exempt": row.exemption_until,
        "why": row.exemption_reason,
        "window": _minutes(window.until) if window else None,
        "hardened": _minutes(entry.last_hardened_at),
        "proven": _minutes(entry.last_proven_at),
        "since": "not known" if entry.since_when == UNKNOWN else _minutes(entry.exposed_since),
        "controls": [entry.controls[control].value for control in CONTROLS],
        "code": row.code,
        "message": row.message,
        "path": worst_status(entry.paths),
        "paths": paths_in_words(entry.paths),
    }
    return {name: inert(value) if isinstance(value, str) else value for name, value in shown.items() if value}


def _minutes(time: datetime | None) -> str | None:
    return f"{time:%Y-%m-%d %H:%M}" if time else None
