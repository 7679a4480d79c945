"""Pseudonyms for what names an organization: the same thing gets the same one throughout a record."""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import resources
from pathlib import Path
from string import Template
from typing import Any

from botocore.model import OperationModel

from rootctl.aws import AwsSession
from rootctl.drill.hop import CheckFinding, Hop, Sight, exit_of
from rootctl.errors import Exit, Hindered
from rootwarden.accounts import Account
from rootwarden.outcomes import iso

# The first that fits wins: a session name may be an address, an ARN holds an account id.
_NAMED = re.compile(
    r"""(?P<profile>(?<=--profile )(?!NAME\b|MANAGEMENT\b)(?:'[^']*'|"[^"]*"|[^\s'"])+(?<![.,;]))"""
    r"|(?P<principal>(?<=:)(?:assumed-role|role|user|group|federated-user)/[\w+=,.@/-]+)"
    r"|(?P<secret>(?<=:secret:)[\w/+=.@-]+)"
    r"|(?P<address>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<key>\b(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA|ANVA|AIPA|APKA|ASCA)[A-Z0-9]{12,}\b(?::[\w+=,.@-]+)?)"
    r"|(?P<ip>(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])|(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}[0-9a-f:]+)"
    r"|(?P<account>(?<!\d)\d{12}(?!\d))"
    r"|(?P<unit>\bou-[0-9a-z]{4,32}-[0-9a-z]{8,32}\b)"
    r"|(?P<root>(?<![\w-])r-[0-9a-z]{4,32}\b)"
    r"|(?P<organization>(?<![\w-])o-[a-z0-9]{10,32}\b)"
)
# The members of answers and records that hold names people gave.
_NAMES = frozenset({"name", "accountname", "displayname"})
# Outcomes in log lines name an account beside its id.
_NAME_IN_TEXT = re.compile(r'"id\\?":\s*\\?"\d{12}\\?",\s*\\?"name\\?":\s*\\?"([^"\\]+)')
# Accounts have a name beside these; a policy's or a trail's name is found the same way.
_BESIDE_NAMES = frozenset({"id", "arn", "email", "organizationalunit", "state"})

_AWS_NAMES = frozenset({"Root", "FullAWSAccess", "RCPFullAWSAccess"})
# The members of a record that hold this project's or AWS's own words.
_OWN_WORDS = frozenset({"service", "operation", "step", "sight", "check", "status", "verdict", "version"})


class Pseudonyms:
    """Replaces account ids, addresses, key ids, units, principals and names."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}
        self._names: re.Pattern[str] | None = None

    def learn(self, *values: Any) -> None:
        """Note the names in JSON values, so that they are replaced wherever they stand."""
        names = {name for value in values for name in _names(value) if not _NAMED.fullmatch(name)}
        for name in sorted(names):
            self._one("name", name)
        if names:
            longest_first = sorted(names, key=len, reverse=True)
            self._names = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])")

    def of(self, value: Any) -> Any:
        """Return a JSON value with pseudonyms in every text of it."""
        if isinstance(value, Mapping):
            return {
                _NAMED.sub(self._named, name): each if name in _OWN_WORDS else self.of(each)
                for name, each in value.items()
            }
        if isinstance(value, list):
            return [self.of(each) for each in value]
        return self.text(value) if isinstance(value, str) else value

    def text(self, text: str) -> str:
        """Return a text with pseudonyms."""
        if self._names:
            text = self._names.sub(lambda found: self._one("name", found[0]), text)
        return _NAMED.sub(self._named, text)

    def _named(self, found: re.Match[str]) -> str:
        return self._one(found.lastgroup or "", found[0])

    def _one(self, kind: str, found: str) -> str:
        known = sum(each == kind for each, _ in self._given) + 1
        made = f"{known:012d}" if kind == "account" else f"{kind}-{known}"
        return self._given.setdefault((kind, found), made)


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            if isinstance(each, str) and each and _is_name(key, value):
                yield each
            yield from _names(each)
    elif isinstance(value, list):
        for each in value:
            yield from _names(each)
    elif isinstance(value, str):
        yield from _NAME_IN_TEXT.findall(value)


def _is_name(key: str, beside: Mapping[str, Any]) -> bool:
    if beside[key] in _AWS_NAMES:
        return False
    return key.lower() in _NAMES and not _BESIDE_NAMES.isdisjoint(each.lower() for each in beside)


_SECRET = frozenset(
    {"secretaccesskey", "sessiontoken", "secretstring", "secretbinary", "password", "plaintext"}
)
_REDACTED = "(left out)"
_LONGEST = 2000


@dataclass
class Answers:
    """Keeps answers in the order they came. See tests/wiring/recorded/README.md for the form."""

    kept: list[dict[str, Any]] = field(default_factory=list)
    _known: dict[str, dict[str, Any]] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def listening(cls, *sessions: AwsSession) -> "Answers":
        """Keep what is answered to the sessions' clients from now on."""
        answers = cls()
        for session in dict.fromkeys(sessions):
            session.boto3.events.register("after-call.*.*", answers._keep, unique_id=f"drill-{id(answers)}")
        return answers

    def _keep(self, model: OperationModel, parsed: Mapping[str, Any], **_: object) -> None:
        answer = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
        error = answer.pop("Error", None)
        entry: dict[str, Any] = {
            "service": model.service_model.service_name,
            "operation": model.name,
            "http": parsed.get("ResponseMetadata", {}).get("HTTPStatusCode"),
        }
        entry |= {"error": _plain(error)} if error else {"answer": _plain(answer)}
        # A drill that waits asks the same many times.
        known = self._known.setdefault(json.dumps(entry, sort_keys=True), {**entry, "times": 0})
        if not known["times"]:
            self.kept.append(known)
        known["times"] += 1


def _plain(value: object, key: str = "") -> Any:
    """Return a value as JSON holds it, without secrets and without what is only read as a stream."""
    if key.lower() in _SECRET:
        return _REDACTED
    if isinstance(value, Mapping):
        return {str(name): _plain(each, str(name)) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each, key) for each in value]
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, str):
        return value[:_LONGEST]
    return value if value is None or isinstance(value, bool | int | float) else f"({type(value).__name__})"


_VERDICTS = {
    Exit.DONE: "every step was seen",
    Exit.FINDINGS: "something was not seen",
    Exit.FAILED: "something could not be looked at",
}


@dataclass(frozen=True, kw_only=True)
class Record:
    """One drill. hub: its account and Region; reasons: why steps were not seen, as far as checks say."""

    account: Account
    caller: str
    hub: str
    began: datetime
    ended: datetime
    hops: Sequence[Hop]
    reasons: Sequence[CheckFinding] = ()

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


def make(directory: Path) -> None:
    """Make the directory of a record if it is not there; raises Hindered."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Hindered(
            f"{directory} cannot be made: {error.strerror}. Name another one with --to."
        ) from error


def write(record: Record, directory: Path, *, answers: Answers | None, anonymous: bool) -> list[Path]:
    """Write the record's files into a directory, which is made if it is not there; raises Hindered."""
    detail: dict[str, Any] = record.to_detail()
    recorded = {"recorded": iso(record.began), "answers": answers.kept} if answers else None
    if anonymous:
        pseudonyms = Pseudonyms()
        pseudonyms.learn(detail, recorded)
        detail, recorded = pseudonyms.of(detail), pseudonyms.of(recorded) if recorded else None
    make(directory)
    texts = {"drill.json": _json(detail), "drill.html": page(detail)}
    if recorded:
        texts["answers.json"] = _json(recorded)
    paths = []
    for name, text in texts.items():
        path = directory / name
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise Hindered(f"The record is lost: {path} cannot be written: {error.strerror}.") from error
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
    return f"<h2>Why, as far as the checks of doctor see</h2>\n<ul>\n{items}\n</ul>"


def _reason_detail(reason: CheckFinding) -> dict[str, Any]:
    found = reason.result
    return {"check": reason.check, "status": found.status.value, "text": found.text, "remedy": found.remedy}


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
