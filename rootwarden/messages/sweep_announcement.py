"""The words for `Sweep Completed`: sent only when something is wrong, or could not be looked at."""

from collections.abc import Iterable

from rootwarden.activity.root_activity import Severity
from rootwarden.contract.settings import SweepMode
from rootwarden.messages.announcement import Announcement, Facts, s3_object
from rootwarden.outcomes import AccountReference
from rootwarden.report.checks import PROTECTION, CheckName
from rootwarden.sweep.outcome import SweepCompleted

_ENFORCE_STEP = (
    "Have sweeps remove what they find: set sweep.mode to enforce in rootwarden.yaml and deploy; or exempt "
    "the accounts with a reason and an end."
)
_LEFT_STEP = "Read in the report why the credentials could not be removed, and fix that."
_FEATURE_STEP = "Enable centralized root access again: deploy the stack of the organization, make deploy."
_UNREACHABLE_STEP = (
    "Read AWS's reason for each unreachable account in the report: what is in it is not known."
    " Where a policy refused, rootctl preflight names it."
)
_INCOMPLETE_STEP = "Read in the report what is missing; start the sweep again when that is fixed."
_UNDELIVERED_STEP = (
    "Read in the report why accounts could not send their events, and fix that; then bring in the rest: "
    "rootctl redrive --members."
)
_SILENT_STEP = (
    "Find out why root's events no longer arrive from these accounts: the report names them, and the runbook "
    "says where to look (PathsLost)."
)
_REPORT_STEP = "Open the report: it shows every account and check."
_UNREACHED_STEP = (
    "Have each address that gets no alerts subscribed again; rootctl doctor says the command. Mail scanners"
    " that open every link unsubscribe people."
)
# More would not fit an e-mail's subject; the facts say the rest.
_IN_HEADLINE = 2
_CHANGE_WORDS = {
    "now_exposed": "now exposed",
    "now_unreachable": "now unreachable",
    "now_clean": "now clean",
    "added": "new",
    "removed": "gone",
}


def announce_sweep(outcome: SweepCompleted, region: str) -> Announcement | None:
    """Compose the announcement; None where all is ok."""
    problems = tuple(_problems(outcome))
    if not problems:
        return None
    totals, report = outcome.totals, outcome.report
    bad = totals.needs_attention or outcome.failed_checks
    # An alarm that no longer arrives is worse than a credential that was found.
    severity = Severity.CRITICAL if outcome.coverage.lost else Severity.HIGH if bad else Severity.MEDIUM
    return Announcement(
        severity=severity,
        account=AccountReference(account_id=None, name=f"organization {outcome.organization_id}"),
        headline=", ".join(problems[:_IN_HEADLINE]),
        happened=(
            f"The sweep looked at {_counted(totals.accounts, 'account')}: {totals.proven} proven clean, "
            f"{totals.exposed} with root credentials, {totals.partial} partly hardened, "
            f"{totals.unreachable} out of reach."
        ),
        done=_done(outcome),
        facts=_facts(outcome),
        next_steps=tuple(_next_steps(outcome)),
        links=(("The report", s3_object(region, report.bucket, report.html)),),
    )


def _problems(outcome: SweepCompleted) -> Iterable[str]:
    if outcome.coverage.lost:
        yield f"{_counted(outcome.coverage.lost, 'alarm path')} fell silent"
    attention = outcome.totals.needs_attention
    if attention:
        yield f"{_counted(attention, 'account')} {'needs' if attention == 1 else 'need'} attention"
    if outcome.unreached:
        count = len(outcome.unreached)
        yield f"{count} {'address gets' if count == 1 else 'addresses get'} no alerts"
    if outcome.failed_checks:
        yield f"{_counted(len(outcome.failed_checks), 'check')} failed"
    if outcome.unknown_checks:
        yield f"{_counted(len(outcome.unknown_checks), 'check')} could not be made"
    if outcome.missing:
        yield "the report is incomplete"


def _done(outcome: SweepCompleted) -> str:
    removed = f"Removed root credentials from {_counted(outcome.totals.hardened, 'account')}"
    if outcome.mode is SweepMode.ENFORCE:
        return f"{removed}, and wrote the report."
    return "Wrote the report. This sweep only looked: it removes nothing."


def _facts(outcome: SweepCompleted) -> Facts:
    counts = [(getattr(outcome.changes, name), words) for name, words in _CHANGE_WORDS.items()]
    changes = [f"{count} {words}" for count, words in counts if count]
    facts = [
        ("Sweep", outcome.sweep_id),
        ("Finished", f"{outcome.finished_at:%Y-%m-%d %H:%M} UTC"),
        ("Since the last sweep", ", ".join(changes) or "nothing changed"),
    ]
    if outcome.totals.exempt:
        facts.append(("Exempt", _counted(outcome.totals.exempt, "account")))
    paths = outcome.coverage
    if paths.silent:
        text = f"{paths.silent} of {paths.silent + paths.proven} (account and Region)"
        facts.append(("Silent alarm paths", text))
    if outcome.failed_checks:
        facts.append(("Failed checks", ", ".join(outcome.failed_checks)))
    if outcome.unknown_checks:
        facts.append(("Checks AWS refused", ", ".join(outcome.unknown_checks)))
    if outcome.unreached:
        facts.append(("Get no alerts", ", ".join(outcome.unreached)))
    if outcome.missing:
        facts.append(("Missing from the report", f"{_counted(outcome.missing, 'thing')}, named in it"))
    waiting = outcome.undelivered
    if waiting.found:
        text = f"{_counted(waiting.found, 'event')} of {_counted(waiting.accounts, 'account')}"
        facts.append(("Not sent to the hub", f"{text}: {waiting.sent} brought in, {waiting.left} left"))
    facts.append(("Report", f"s3://{outcome.report.bucket}/{outcome.report.html}"))
    return tuple(facts)


def _next_steps(outcome: SweepCompleted) -> Iterable[str]:
    totals = outcome.totals
    yield _REPORT_STEP
    if set(outcome.failed_checks) & set(PROTECTION):
        yield _FEATURE_STEP
    audited = outcome.mode is not SweepMode.ENFORCE
    if totals.exposed and totals.needs_attention and audited:
        yield _ENFORCE_STEP
    if totals.partial or (totals.exposed and totals.needs_attention and not audited):
        yield _LEFT_STEP
    if outcome.coverage.silent:
        yield _SILENT_STEP
    if totals.unreachable:
        yield _UNREACHABLE_STEP
    if CheckName.UNDELIVERED in outcome.failed_checks:
        yield _UNDELIVERED_STEP
    if outcome.unreached:
        yield _UNREACHED_STEP
    if outcome.missing:
        yield _INCOMPLETE_STEP


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
