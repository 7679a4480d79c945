"""The words for `Sweep Completed`: sent only when something is wrong, or could not be looked at."""

from collections.abc import Iterable

from msgspec import UNSET

from rootwarden.contract.configured import Mode
from rootwarden.hardening.removal import RECENTLY_USED
from rootwarden.messages.commands import SWITCH_ON, close_window, harden
from rootwarden.messages.message import SWEEP_FOUND, Facts, Message, s3_object
from rootwarden.outcomes import AccountReference
from rootwarden.report.checks import CheckName
from rootwarden.report.gathering import MOST_MISSING
from rootwarden.sweep.outcome import InQuestion, SweepCompleted
from rootwarden.sweep.sweep import RowResult

_ENFORCE_STEP = (
    "To have sweeps do that: set sweep.mode to enforce in rootwarden.yaml and deploy. To leave an account"
    " alone: exempt it."
)
_CLOSE_STEP = "Ask the owner, then close the recovery window, which has the account hardened: {}"
_AFTER_WINDOW_STEP = (
    "When the hardening after that has ended, a key that it kept as in use is left. To remove it, too: {}"
)
_LEFT_STEP = "Read in the report why the credentials could not be removed, and fix that."
_SWITCH_ON_STEP = "Switch it on again, with credentials of the management account: {}"
_REGISTER_STEP = (
    "Register the hub again as IAM's delegated administrator, by the command that this prints: "
    "rootctl doctor --management-profile NAME"
)
_UNREACHABLE_STEP = (
    "Read AWS's reason for each unreachable account in the report: what is in it is not known."
    " Where a policy refused, rootctl preflight names it."
)
_INCOMPLETE_STEP = "Read in the report what is missing; start the sweep again when that is fixed."
_UNDELIVERED_STEP = (
    "Read in the report why accounts could not send their events, and fix that; then bring in the rest: "
    "rootctl redrive --members"
)
_SILENT_STEP = (
    "Find out why root's events do not arrive from the accounts and Regions that the report names as silent;"
    " the runbook says where to look (PathsLost)."
)
_REPORT_STEP = "Look at every account and check: rootctl report"
# More would not be read in a mail.
_NAMED = 10
_UNREACHED_STEP = (
    "Have each address that gets no alerts subscribed again; rootctl doctor says the command. Mail scanners"
    " that open every link unsubscribe people."
)
# More would not fit an e-mail's subject; the facts say the rest.
_IN_HEADLINE = 2
_STANDS = {
    RowResult.EXPOSED: "Has root credentials",
    RowResult.PARTIAL: "Partly hardened",
    RowResult.UNREACHABLE: "Out of reach",
}
_CHANGE_WORDS = {
    "now_exposed": "now exposed",
    "now_unreachable": "now unreachable",
    "now_clean": "now clean",
    "added": "new",
    "removed": "gone",
}


def sweep_message(outcome: SweepCompleted, region: str) -> Message | None:
    """Compose the message; None where all is ok."""
    if outcome.severity is None:
        return None
    totals, report, problems = outcome.totals, outcome.report, tuple(_problems(outcome))
    return Message(
        severity=outcome.severity,
        account=AccountReference(account_id=None, name=f"organization {outcome.organization_id}"),
        headline=", ".join(problems[:_IN_HEADLINE]),
        happened=(
            f"The sweep looked at {_counted(totals.accounts, 'account')}: {totals.proven} proven clean, "
            f"{totals.exposed} with root credentials, {totals.partial} partly hardened, "
            f"{totals.unreachable} out of reach."
        ),
        where=_accounts(outcome),
        done=_done(outcome),
        facts=_facts(outcome),
        next_steps=tuple(_next_steps(outcome)),
        links=(("The report", s3_object(region, report.bucket, report.html)),),
        entry=SWEEP_FOUND,
    )


def _accounts(outcome: SweepCompleted) -> Facts:
    named = outcome.in_question[:_NAMED]
    more = outcome.totals.needs_attention - len(named)
    rest = (("And", f"{_counted(more, 'account')} more, in the report"),) if more > 0 else ()
    return (*((_STANDS[each.result], _named(each)) for each in named), *rest)


def _named(each: InQuestion) -> str:
    account = each.account
    parts = [str(account), account.unit_path or account.organizational_unit, _owner(account), each.code]
    parts += ["recovery window open"] if each.has_recovery_window else []
    return ", ".join(part for part in (*parts, "" if each.is_new else "as before") if part)


def _owner(account: AccountReference) -> str:
    if account.owner is UNSET:
        return "owner not known"
    return f"owner {account.owner}" if account.owner else "no owner named"


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
    accounts, partial = _counted(outcome.totals.hardened, "account"), outcome.totals.partial
    if outcome.mode is Mode.ENFORCE and partial:
        return (
            f"Removed all root credentials from {accounts}, and tried {partial} more: the report names what"
            " was removed there. Wrote the report."
        )
    if outcome.mode is Mode.ENFORCE:
        return f"Removed root credentials from {accounts}, and wrote the report."
    return "Wrote the report. This sweep only looked: it removes nothing."


def _facts(outcome: SweepCompleted) -> Facts:
    counts = [(getattr(outcome.changes, name), words) for name, words in _CHANGE_WORDS.items()]
    changes = [f"{count} {words}" for count, words in counts if count]
    facts = [
        ("Sweep", outcome.sweep_id),
        ("Finished", f"{outcome.finished_at:%Y-%m-%d %H:%M} UTC"),
        *((("Since the last sweep", ", ".join(changes)),) if changes else ()),
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
        facts.append(("Checks not made", ", ".join(outcome.unknown_checks)))
    if outcome.unreached:
        facts.append(("Get no alerts", ", ".join(outcome.unreached)))
    if outcome.missing:
        named = "named in it" if outcome.missing <= MOST_MISSING else f"the first {MOST_MISSING} named in it"
        facts.append(("Missing from the report", f"{_counted(outcome.missing, 'thing')}, {named}"))
    waiting = outcome.undelivered
    if waiting.found:
        text = f"{_counted(waiting.found, 'event')} of {_counted(waiting.accounts, 'account')}"
        facts.append(("Not sent to the hub", f"{text}: {waiting.sent} brought in, {waiting.left} left"))
    facts.append(("Report", f"s3://{outcome.report.bucket}/{outcome.report.html}"))
    return tuple(facts)


def _next_steps(outcome: SweepCompleted) -> Iterable[str]:
    totals = outcome.totals
    yield from _switch_on(outcome)
    yield from _harden(outcome)
    audited = outcome.mode is not Mode.ENFORCE
    if audited and _are_left_to_sweeps(outcome):
        yield _ENFORCE_STEP
    if totals.partial or (not audited and _are_left_to_sweeps(outcome)):
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
    yield _REPORT_STEP


def _switch_on(outcome: SweepCompleted) -> Iterable[str]:
    for check, command in SWITCH_ON.items():
        if check in outcome.failed_checks:
            yield _SWITCH_ON_STEP.format(command)
    if CheckName.DELEGATED_ADMINISTRATOR in outcome.failed_checks:
        yield _REGISTER_STEP


def _harden(outcome: SweepCompleted) -> Iterable[str]:
    found = [each for each in outcome.in_question[:_NAMED] if each.result is not RowResult.UNREACHABLE]
    left = [each for each in found if not each.has_recovery_window]
    if left:
        in_use = any(each.code == RECENTLY_USED for each in left)
        command = harden(_ids(left), outcome.sweep_id, recently_used=in_use)
        yield f"Ask each owner, then remove what nobody needs: {command}"
    in_window = _ids(each for each in found if each.has_recovery_window)
    for account_id in in_window:
        yield _CLOSE_STEP.format(close_window(account_id))
    if in_window:
        yield _AFTER_WINDOW_STEP.format(harden(in_window, outcome.sweep_id, recently_used=True))


def _ids(found: Iterable[InQuestion]) -> list[str]:
    return [each.account.account_id or "" for each in found]


def _are_left_to_sweeps(outcome: SweepCompleted) -> bool:
    """Say whether credentials were found that an enforcing sweep removes; what is not named may be such."""
    named = outcome.in_question
    is_named = any(each.result is RowResult.EXPOSED and not each.has_recovery_window for each in named)
    return is_named or (outcome.totals.exposed > 0 and outcome.totals.needs_attention > len(named))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
