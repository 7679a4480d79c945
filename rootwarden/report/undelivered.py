"""What accounts could not send, as a sweep found it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from rootwarden.event_fields import Fields, MalformedEvent
from rootwarden.hardening.removal import CallRefused
from rootwarden.report.checks import Check, CheckName
from rootwarden.report.controls import ControlStatus
from rootwarden.report.gathering import Source, read_json
from rootwarden.undelivered.findings import Findings, QueueFindings

_DAY = timedelta(days=1)
_SHOWN = 5


def gather_undelivered(files: Mapping[str, Source]) -> tuple[Findings, list[str]]:
    """Read what the batches left, by their names; also return what cannot be read."""
    total, missing = Findings(), []
    for name, source in files.items():
        try:
            if isinstance(source, CallRefused):
                raise source
            total += Findings.from_detail(Fields(read_json(source)))
        except (CallRefused, MalformedEvent) as error:
            missing.append(f"{name} cannot be read, so what its accounts could not send is missing: {error}")
    return total, missing


def undelivered(findings: Findings, *, accounts: int, at: datetime) -> Check:
    """Check that accounts can send their events: `accounts` are in the list, whose queues were to be seen.

    What waited because its account was new is no fault.
    """
    name = CheckName.UNDELIVERED
    unseen = max(accounts - findings.accounts_asked, 0)
    gaps = _gaps(findings, unseen)
    if findings.unexpected:
        text = "; ".join([_found(findings, at), *gaps])
        return Check(name=name, status=ControlStatus.FAIL, text=text)
    if gaps:
        text = "; ".join([*([_found(findings, at)] if findings.found else []), *gaps])
        code = next((queue.code for queue in findings.refused), None) or "NotLookedAt"
        return Check(name=name, status=ControlStatus.UNKNOWN, text=text, code=code)
    if findings.found:
        text = f"{_found(findings, at)}: their accounts were new, and the hub's bus did not know them yet"
        return Check(name=name, status=ControlStatus.PASS, text=text)
    text = f"nothing waits in the {_counted(findings.looked, 'queue')} of accounts that were looked into"
    if findings.without_queue:
        text += f"; in {_counted(findings.without_queue, 'place')} there is none, and nothing forwards"
    # Where there is no queue at all, nothing was looked into.
    status = ControlStatus.PASS if findings.looked else ControlStatus.UNKNOWN
    return Check(name=name, status=status, text=text)


def _found(findings: Findings, at: datetime) -> str:
    where = _named(queue for queue in findings.queues if queue.found)
    text = f"{_counted(findings.found, 'event')} could not be sent to the hub: {where}"
    text += f"; {findings.sent} brought in, {findings.left} waiting still"
    if findings.oldest and at - findings.oldest >= _DAY:
        text += f"; the oldest is {_counted((at - findings.oldest) // _DAY, 'day')} old"
    details = [f"why: {_reasons(findings.reasons())}"] if findings.reasons() else []
    details += [f"not brought in: {_reasons(findings.stays())}"] if findings.stays() else []
    return "; ".join([text, *details])


def _gaps(findings: Findings, unseen: int) -> list[str]:
    gaps = []
    if findings.refused:
        codes = sorted({str(queue.code) for queue in findings.refused})
        gaps.append(
            f"could not look into, or empty, {_counted(len(findings.refused), 'queue')}"
            f" ({', '.join(codes)}): {_named(findings.refused)}"
        )
    if findings.not_begun:
        gaps.append(f"no time was left for {_counted(findings.not_begun, 'queue')}")
    if unseen:
        gaps.append(f"not looked into: the queues of {_counted(unseen, 'account')}: see the function's log")
    return gaps


def _named(queues: Iterable[QueueFindings]) -> str:
    every = [f"{queue.account_id} in {queue.region}" for queue in queues]
    rest = len(every) - _SHOWN
    return ", ".join(every[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


def _reasons(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} ({count})" for reason, count in counts.items())


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
