"""What must hold at the end of a run, whatever failed in it."""

from collections.abc import Iterator
from datetime import timedelta

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import Item
from moto.scheduler.models import scheduler_backends

from embedded_aws.sqs.dead_letters import DeadLetter
from local.scenarios.sweeping import Sweeping
from proofs import routes
from proofs.credentials import named
from proofs.faults.kinds import Kind
from proofs.faults.scenarios import Scenario
from proofs.ledger import ALERT, HARDENING, LEFT, WINDOW, Said
from proofs.stage import LEFT_ALONE, Stage

CHANNELS = ("email", "chat", "slack")
_IN_TIME = timedelta(minutes=2)


def violations(stage: Stage, scenario: Scenario, kinds: list[Kind]) -> list[str]:
    """Return what does not hold after these faults, one sentence each."""
    is_for_good = Kind.DENIED_FROM_NOW_ON in kinds
    found = [
        *stage.ledger.untrue,
        *_credentials(stage, scenario, is_for_good=is_for_good),
        *_final_words(stage),
        *_alerts(stage, faults=len(kinds)),
        *_dead_letters(stage, is_for_good=is_for_good),
        *routes.violations(stage.aws, stage.ledger.mailed),
        *_false_alerts(stage, is_for_good=is_for_good),
        *(f"lost for good: {lost.reason}" for lost in stage.aws.lost_events),
    ]
    if not is_for_good:
        found += scenario.holds(stage)
        found += _windows(stage)
    return list(dict.fromkeys(found))


def _credentials(stage: Stage, scenario: Scenario, *, is_for_good: bool) -> Iterator[str]:
    for account in sorted(scenario.hardened):
        left = stage.ledger.present(account)
        if left and not (is_for_good and _is_known(stage, account)):
            yield f"{account} still has {sorted(kind for kind, _ in left)}"
    for account in sorted(LEFT_ALONE):
        stage.ledger.look_at(account)


def _is_known(stage: Stage, account: str) -> bool:
    """Say whether people know that an account is not hardened: by an alarm, or an outcome that says it."""
    finals = (
        said.detail
        for said in stage.ledger.said
        if said.account == account and said.kind in {HARDENING, WINDOW}
    )
    is_said = any(
        detail.get("result") in {"partial", "unreachable"} or detail.get("change") == "failed"
        for detail in finals
    )
    is_asked = any(answer.get("result") != "hardened" for _, answer in stage.answers)
    is_swept = any(said.kind == "Sweep Completed" for said in stage.ledger.said)
    # An alarm on that metric rings, which the templates' tests hold.
    has_failed = Sweeping(stage.aws).has_failed
    return is_said or is_asked or is_swept or has_failed or bool(dead_letters(stage) and alarms(stage))


def _final_words(stage: Stage) -> Iterator[str]:
    """Every trigger has one final outcome, and together they name all that was removed."""
    ledger, letters = stage.ledger, "".join(letter.body for letter in dead_letters(stage))
    final = [s for s in ledger.said if s.kind == HARDENING and not s.detail["willRetry"]]
    results: dict[tuple[str, str | None], set[str]] = {}
    for said in final:
        key = (said.detail["trigger"]["eventId"], said.account)
        results.setdefault(key, set()).add(said.detail["result"])
    for (trigger, account), found in results.items():
        if len(found) > 1:
            told = ", ".join(sorted(found))
            yield f"the trigger {trigger} has several final outcomes for {account}: {told}"
    # What is only observed is said once an hour, whatever announces it.
    looked_at = {s.account for s in final if s.detail["result"] in {"clean", "hardened", "observed"}}
    for trigger, announced in stage.triggers.items():
        if (trigger, announced) not in results and announced not in looked_at and trigger not in letters:
            yield f"no final outcome for {announced}, announced by {trigger}"
    left = {(s.account, str({**s.detail, "occurredAt": None})) for s in ledger.said if s.kind == LEFT}
    if len(left) > len({account for account, _ in left}):
        yield "the same departure was said in different words"
    yield from _unnamed(stage, final)


def _unnamed(stage: Stage, final: list[Said]) -> Iterator[str]:
    """Say what was removed and is named nowhere."""
    ledger = stage.ledger
    # Where nothing can be published, whoever asked is told.
    answered = [str(answer).partition("announced to nobody yet")[2] for _, answer in stage.answers]
    for removal in ledger.removals:
        naming = [s for s in final if s.account == removal.account and s.at >= removal.at]
        naming += [s for s in ledger.said if s.kind == LEFT and s.account == removal.account]
        is_named = any(
            removal.credential in named(s.detail, "removed", "mayHaveBeenRemoved") for s in naming
        ) or any(removal.credential[1] in answer for answer in answered)
        if not is_named and not (dead_letters(stage) and alarms(stage)):
            yield f"no final outcome names {removal.credential[0]} of {removal.account}, which was removed"


def _alerts(stage: Stage, *, faults: int) -> Iterator[str]:
    late = []
    for account, happened in stage.alarming.items():
        for channel in CHANNELS:
            sent = [m.sent_at for m in stage.aws.messages if m.channel == channel and account in m.body]
            in_letters = any(account in letter.body for letter in dead_letters(stage))
            if not sent and not (in_letters and alarms(stage)):
                yield f"nobody hears by {channel} of the root sign-in in {account}"
            elif sent and min(sent) > happened + _IN_TIME:
                late.append((account, channel, min(sent) - happened))
    accounts = {account for account, _, _ in late}
    if len(accounts) > faults:
        told = "; ".join(f"{account} by {channel} after {after}" for account, channel, after in late)
        yield f"alerts are late because of another: {told}"


def _dead_letters(stage: Stage, *, is_for_good: bool) -> Iterator[str]:
    letters = dead_letters(stage)
    if letters and not is_for_good:
        yield f"a dead letter after passing faults: {letters[0].queue}, {letters[0].reason}"
    if letters and not alarms(stage):
        yield f"a dead letter without an alarm: {letters[0].queue}"


def _false_alerts(stage: Stage, *, is_for_good: bool) -> Iterator[str]:
    for said in stage.ledger.said:
        if said.kind != ALERT or said.account in stage.alarming:
            continue
        if not is_for_good:
            yield f"an alert of what did not happen: {said.detail['activity']} in {said.account}"


def _windows(stage: Stage) -> Iterator[str]:
    yield from has_window_left(stage)
    said = [s for s in stage.ledger.said if s.kind == WINDOW]
    opened = {s.account for s in said if s.detail["change"] in {"opened", "failed"}}
    for s in said:
        if s.detail["change"] == "closed" and s.account not in opened:
            yield f"the window of {s.account} was closed, and its opening was never announced"


def has_window_left(stage: Stage) -> Iterator[str]:
    """Say which windows, and which removals that no outcome named, are still on record."""
    aws = stage.aws
    hub = aws.organization.hub
    # Not by calls: every run looks.
    [table] = dynamodb_backends[hub.account][hub.region].tables.values()
    for hash_key, item in table.items.items():
        key = hash_key.value
        if key.startswith("WINDOW#"):
            yield f"the window {key} is still on record"
        if not key.startswith("REMOVAL#") or not isinstance(item, Item):
            continue
        is_unnamed = "progress" in item.attrs and "named_by" not in item.attrs
        # Of an account that left unheard nothing can be said any more.
        if is_unnamed and aws.state.is_member(key.removeprefix("REMOVAL#")):
            yield f"{key} waits to be named by an outcome"
    groups = scheduler_backends[hub.account][hub.region].schedule_groups
    for name in groups["rootwarden-recovery"].schedules:
        yield f"the schedule {name} is left"


def alarms(stage: Stage) -> bool:
    """Say whether an alarm rang, a route's apart."""
    subjects = (message.subject or "" for message in stage.aws.messages)
    return any(subject.startswith("ALARM") and not routes.is_of_route(subject) for subject in subjects)


def dead_letters(stage: Stage) -> list[DeadLetter]:
    """Return what is in dead-letter queues, a route's apart."""
    return [letter for letter in stage.aws.dead_letters if not routes.is_of_route(letter.queue)]
