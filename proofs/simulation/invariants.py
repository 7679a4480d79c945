"""What must hold when a story is over, after one enforcing sweep."""

from collections.abc import Iterator
from datetime import timedelta

from proofs import routes
from proofs.credentials import named
from proofs.faults.invariants import alarms, dead_letters, has_window_left
from proofs.ledger import ALERT, HARDENING, LEFT, UNLOCK, WINDOW
from proofs.simulation.world import World
from proofs.stage import EXEMPT, MANAGEMENT

_OF_MEMBERS = "rootwarden-undelivered"
# Of one burst only the first alerts at once; an event may be worked on again and again for so long.
_BURST, _AT_LATEST = timedelta(minutes=16), timedelta(minutes=40)
_SUMMARY = "Root Activity Summary"
# A function's clock disagrees by so much at most with the one by which removals are seen.
_SKEW = timedelta(seconds=6)


def violations(world: World) -> list[str]:
    """Return what does not hold, one sentence each."""
    stage = world.stage
    found = [
        *world.turns.errors,
        *stage.ledger.untrue,
        *_credentials(world),
        *has_window_left(stage),
        *_windows(world),
        *_removals(world),
        *_alerts(world),
        *_forged(world),
        *routes.violations(stage.aws, stage.ledger.mailed),
        *(f"lost for good: {lost.reason}" for lost in stage.aws.lost_events),
    ]
    # What waits in an account's own queue the report tells, and its alarm is on a metric.
    letters = [letter for letter in dead_letters(stage) if letter.queue != _OF_MEMBERS]
    if letters and not alarms(stage):
        found.append(f"a dead letter without an alarm: {letters[0].queue}")
    return list(dict.fromkeys(found))


def _credentials(world: World) -> Iterator[str]:
    state = world.stage.aws.state
    for record in state.records.accounts:
        account = record.id
        # What is in use is left for a person, by every sweep.
        present = world.stage.ledger.present(account) - world.stage.ledger.in_use(account)
        if account not in {MANAGEMENT, EXEMPT} and record.state == "ACTIVE" and present:
            yield f"{account} still has {sorted({kind for kind, _ in present})}"


def _windows(world: World) -> Iterator[str]:
    """Every window was announced, and so was its end, unless its account left first."""
    said = [s for s in world.stage.ledger.said if s.kind == WINDOW]
    for account, at in world.stage.ledger.opened:
        begun = [s for s in said if s.account == account and s.detail["change"] != "closed" and s.at >= at]
        ended = [s for s in said if s.account == account and s.detail["change"] == "closed" and s.at >= at]
        left = [s for s in world.stage.ledger.said if s.kind == LEFT and s.account == account and s.at >= at]
        if not begun and not left:
            yield f"the window of {account}, opened at {at}, was never announced"
        if not ended and not left:
            yield f"the end of the window of {account}, opened at {at}, was never announced"


def _removals(world: World) -> Iterator[str]:
    said = world.stage.ledger.said
    for removal in world.stage.ledger.removals:
        words = [s for s in said if s.account == removal.account and s.at >= removal.at - _SKEW]
        final = [s for s in words if s.kind == LEFT or (s.kind == HARDENING and not s.detail["willRetry"])]
        if not any(removal.credential in named(s.detail, "removed", "mayHaveBeenRemoved") for s in final):
            kind, _ = removal.credential
            yield f"no final outcome names {kind} of {removal.account}, removed at {removal.at}"


def _alerts(world: World) -> Iterator[str]:
    said = world.stage.ledger.said
    alerts = [s for s in said if s.kind == ALERT]
    # Of the accounts that one caller opened sessions in, the first alerts and the summary names all.
    summed_up = [(s.at, s.detail.get("accounts") or ()) for s in said if s.kind == _SUMMARY]
    letters = "".join(letter.body for letter in dead_letters(world.stage))
    for account, at in world.seen:
        near = (s for s in alerts if s.account == account and at - _BURST <= s.at <= at + _AT_LATEST)
        named_later = any(
            account in accounts and at <= when <= at + _AT_LATEST for when, accounts in summed_up
        )
        if not any(near) and not named_later and account not in letters:
            yield f"no alert of what root did in {account} at {at}"


def _forged(world: World) -> Iterator[str]:
    for said in world.stage.ledger.said:
        if said.kind == UNLOCK:
            yield "a policy is said to be unlocked, and nobody asked"
