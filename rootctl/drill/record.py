"""The record of a drill: JSON for machines, a page for people, and AWS's answers if asked for."""

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from lambdas.domain.outcomes import iso
from lambdas.domain.sweep_accounts import ListedAccount
from rootctl.drill.answers import Answers
from rootctl.drill.hop import Hop, Sight, exit_of
from rootctl.drill.pseudonyms import Pseudonyms
from rootctl.drill.reasons import Reason
from rootctl.exit_codes import Exit

_VERDICTS = {
    Exit.DONE: "every step was seen",
    Exit.FINDINGS: "something was not seen",
    Exit.FAILED: "something could not be looked at",
}


@dataclass(frozen=True, kw_only=True)
class Record:
    """One drill. hub: its account and Region; reasons: why steps were not seen, as far as checks say."""

    account: ListedAccount
    caller: str
    hub: str
    began: datetime
    ended: datetime
    hops: Sequence[Hop]
    reasons: Sequence[Reason] = ()

    @property
    def verdict(self) -> str:
        """The whole drill in a few words."""
        return _VERDICTS[exit_of(self.hops)]

    def to_detail(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "version": "1",
            "account": {"id": str(self.account.account_id), "name": self.account.name},
            "caller": self.caller,
            "hub": self.hub,
            "began": iso(self.began),
            "ended": iso(self.ended),
            "verdict": self.verdict,
            "steps": [_hop_detail(hop) for hop in self.hops],
            "reasons": [_reason_detail(reason) for reason in self.reasons],
        }


def write(record: Record, directory: Path, *, answers: Answers | None, anonymous: bool) -> list[Path]:
    """Write the record's files into a directory, which is made if it is not there; returns them."""
    detail: dict[str, Any] = record.to_detail()
    recorded = {"recorded": iso(record.began), "answers": answers.kept} if answers else None
    if anonymous:
        pseudonyms = Pseudonyms()
        pseudonyms.learn(detail, recorded)
        detail, recorded = pseudonyms.of(detail), pseudonyms.of(recorded) if recorded else None
    directory.mkdir(parents=True, exist_ok=True)
    texts = {"drill.json": _json(detail), "drill.html": page(detail)}
    if recorded:
        texts["answers.json"] = _json(recorded)
    paths = []
    for name, text in texts.items():
        path = directory / name
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths


def page(detail: Mapping[str, Any]) -> str:
    """Return the page of a record's JSON form; nothing in it is taken for markup."""
    template = Template(resources.files(__package__).joinpath("page.html").read_text(encoding="utf-8"))
    account = f"{detail['account']['name'] or ''} {detail['account']['id']}".strip()
    texts = {name: detail[name] for name in ("began", "ended", "caller", "hub", "verdict")}
    escaped = {name: html.escape(str(text)) for name, text in {**texts, "account": account}.items()}
    return template.substitute(
        escaped,
        rows="\n".join(map(_row, detail["steps"])),
        reasons=_reasons(detail["reasons"]),
    )


def _row(step: Mapping[str, Any]) -> str:
    seconds = "" if step["seconds"] is None else f"{step['seconds']:.1f} s"
    remedy = f"<br>→ <code>{html.escape(step['remedy'])}</code>" if step["remedy"] else ""
    sight = str(Sight(step["sight"]).value)
    return (
        f'<tr><td>{html.escape(step["step"])}</td><td class="{sight}">{sight.replace("_", " ")}</td>'
        f'<td class="seconds">{seconds}</td><td>{html.escape(step["text"])}{remedy}</td></tr>'
    )


def _reasons(found: Sequence[Mapping[str, Any]]) -> str:
    if not found:
        return ""
    items = "\n".join(
        f"<li>{html.escape(each['check'])}: {html.escape(each['text'])}"
        f"<br>→ <code>{html.escape(each['remedy'] or '')}</code></li>"
        for each in found
    )
    return f"<h2>Why, as far as rootctl doctor sees</h2>\n<ul>\n{items}\n</ul>"


def _reason_detail(reason: Reason) -> dict[str, Any]:
    found = reason.result
    return {"check": reason.check, "status": found.status.value, "text": found.text, "remedy": found.mend}


def _hop_detail(hop: Hop) -> dict[str, Any]:
    return {
        "step": hop.name,
        "sight": hop.sight.value,
        "at": iso(hop.at),
        "seconds": hop.seconds,
        "text": hop.text,
        "remedy": hop.remedy,
    }


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
