"""Outcome events in one line each."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rich.text import Text

from embedded_aws.events.shape import Event

_ENDS = {"skipped": ("○", "cyan"), **dict.fromkeys(("failed", "partial", "unreachable"), ("✘", "red"))}
_SEVERITIES = {
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "yellow",
    "low": "cyan",
    "info": "green",
}
_KINDS = {
    "password": ("the password", "passwords"),
    "access_key": ("an access key", "access keys"),
    "signing_certificate": ("a signing certificate", "signing certificates"),
    "mfa_device": ("an MFA device", "MFA devices"),
}


def outcome_line(outcome: Event) -> Text:
    """Return what an outcome says, for people."""
    kind, detail = outcome["detail-type"], outcome["detail"]
    line = _LINES.get(kind)
    return line(detail) if line else Text(f"{kind} ").append_text(_account(detail))


def _alert(detail: Mapping[str, Any]) -> Text:
    line = _severity(detail["severity"], detail)
    reason = "; ".join([detail["severityReason"], *detail.get("circumstances", [])])
    return line.append(f"{detail['event']['name']}: {reason}")


def _summary(detail: Mapping[str, Any]) -> Text:
    line = _severity(detail["highestSeverity"], detail)
    return line.append(f"{detail['count']} events in one burst, one summary")


def _departure(detail: Mapping[str, Any]) -> Text:
    return _account(detail).append(f"{detail['how']}; nothing is kept of it")


def _test(detail: Mapping[str, Any]) -> Text:
    return Text.assemble(("✔ test alert", "green"), f"  asked for by {detail['requestedBy']}")


def _hardening(detail: Mapping[str, Any]) -> Text:
    return _ended(detail["result"], detail).append(_what(detail))


def _ended(how: str, detail: Mapping[str, Any]) -> Text:
    mark, style = _ENDS.get(how, ("✔", "green"))
    return Text.assemble((f"{mark} {how}", style), "  ").append_text(_account(detail))


def _window(detail: Mapping[str, Any]) -> Text:
    text = f"until {detail['window']['until']}: {detail['window']['reason']}"
    if detail["change"] == "closed":
        text = f"by {detail['closedBy']['how']}"
    if detail.get("reason"):
        text = detail["reason"]["text"]
    return _ended(detail["change"], detail).append(f"recovery window, {text}")


def _unlock(detail: Mapping[str, Any]) -> Text:
    resource = detail["resource"]
    reason = f": {detail['reason']['text']}" if detail.get("reason") else ""
    text = f"the policy of {resource['kind']} {resource['name']} in {resource['region']}{reason}"
    return _ended(detail["result"], detail).append(text)


def _what(detail: Mapping[str, Any]) -> str:
    reason = (detail.get("reason") or {}).get("text", "")
    again = ", trying again" if detail["willRetry"] else ""
    match detail["result"]:
        case "clean":
            return "nothing to remove"
        case "hardened":
            attempts = f" (attempt {detail['attempt']})" if detail["attempt"] > 1 else ""
            return f"removed {_in_words(detail['removed'])}; read back: nothing left{attempts}"
        case "partial":
            left = ", ".join(f"{f['kind']} {f['id'] or ''}: {f['code']}" for f in detail["failures"])
            return f"left {left or reason}{again}"
        case _:
            return f"{reason}{again}"


def _sweep(detail: Mapping[str, Any]) -> Text:
    totals = detail["totals"]
    left = totals["exposed"] + totals["partial"]
    mark, style = ("✘", "red") if left or totals["unreachable"] else ("✔", "green")
    text = (
        f"{left} exposed, {totals['unreachable']} unreachable, {totals['clean'] + totals['hardened']} proven"
    )
    return Text.assemble(
        (f"{mark} swept", style), "  ", (f"{totals['accounts']} accounts", "bold"), f"  {text}"
    )


def _in_words(removed: Iterable[Mapping[str, str]]) -> str:
    counts = Counter(credential["kind"] for credential in removed)
    words = [
        one if counts[kind] == 1 else f"{counts[kind]} {many}"
        for kind, (one, many) in _KINDS.items()
        if counts[kind]
    ]
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]])) or "nothing"


def _severity(severity: str, detail: Mapping[str, Any]) -> Text:
    label = (f" {severity.upper()} ", _SEVERITIES.get(severity, ""))
    return Text.assemble(label, "  ").append_text(_account(detail))


def _account(detail: Mapping[str, Any]) -> Text:
    """Return an account by name and id, as far as they are known."""
    account = detail.get("account") or {}
    label = account.get("id") or "no account"
    if account.get("name"):
        label = f"{account['name']} ({label})"
    return Text.assemble((label, "bold"), "  ")


_LINES: Mapping[str, Callable[[Mapping[str, Any]], Text]] = {
    "Account Hardening Result": _hardening,
    "Account Left Organization": _departure,
    "Recovery Window Change": _window,
    "Resource Policy Unlock": _unlock,
    "Root Activity Alert": _alert,
    "Root Activity Summary": _summary,
    "Sweep Completed": _sweep,
    "Test Alert": _test,
}
