"""One message's worth of hardening: turned away as a duplicate, or done, said once, retried if need be."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from rootwarden.claims import AlreadyDone, Claims, RetryLater, borrowed, claimed
from rootwarden.contract.time_limits import lease
from rootwarden.hardening.account_events import Mode
from rootwarden.hardening.account_hardening import AccountHardener
from rootwarden.hardening.announcement import Announcement
from rootwarden.hardening.outcome import HardeningOutcome, PostureMemory, Result, record_of
from rootwarden.hardening.removal import Progress
from rootwarden.outcomes import Outcome

LEASE = lease("harden_account")
REMEMBERED = timedelta(hours=1)


class GaveUp(Exception):
    """When the last attempt failed too, as the outcome says: its message belongs in the dead-letter queue."""

    def __init__(self, text: str, outcome: HardeningOutcome) -> None:
        super().__init__(text)
        self.outcome = outcome


@dataclass(frozen=True, kw_only=True)
class HardeningRun:
    """Hardens an account once for all the events that announce it within the hour.

    One that is only to be observed waits for a hardening under way, and is a duplicate after one that
    proved the account clean; it never stands in for a hardening itself.
    """

    claims: Claims
    hardener: AccountHardener
    publish: Callable[[Outcome], None]
    postures: PostureMemory

    def run(self, announcement: Announcement, *, attempt: int, is_last: bool) -> HardeningOutcome:
        """Harden and say how it ended; raises AlreadyDone, RetryLater and GaveUp."""
        if announcement.mode is Mode.OBSERVE and announcement.account_id:
            with borrowed(self.claims, announcement.account_id, lease=LEASE):
                return self._run(announcement, attempt=attempt, is_last=is_last)
        return self._run(announcement, attempt=attempt, is_last=is_last)

    def _run(self, announcement: Announcement, *, attempt: int, is_last: bool) -> HardeningOutcome:
        key = announcement.work
        with claimed(self.claims, key, lease=LEASE, remember=REMEMBERED) as held:
            outcome = self.hardener.harden(
                announcement, Progress.from_json(held.note), attempt=attempt, is_last=is_last
            )
            self._say(key, outcome, is_last=is_last)
            record = record_of(outcome)
            if record:
                self.postures.save(record)
            text = f"{outcome.account} is {outcome.result}"
            if outcome.will_retry:
                raise RetryLater(f"{text}: {why(outcome)}")
            failed = outcome.result in {Result.PARTIAL, Result.UNREACHABLE}
            if is_last and failed and not outcome.needs_a_person:
                raise GaveUp(f"{text} after {attempt} attempts: {why(outcome)}", outcome)
            if not outcome.is_proven and outcome.result is not Result.OBSERVED:
                # Only an account that was looked at needs no second look when it is announced again.
                held.remember = timedelta(0)
        return outcome

    def _say(self, key: str, outcome: HardeningOutcome, *, is_last: bool) -> None:
        if outcome.is_proven or (is_last and outcome.result is not Result.SKIPPED):
            self.publish(outcome)
            return
        # Attempts that fail alike, and the up to three events that announce one account, say it once.
        codes = [outcome.reason.code if outcome.reason else ""]
        codes += sorted(f"{failure.kind}:{failure.code}" for failure in outcome.failures)
        said = "#".join([key, outcome.result, str(outcome.will_retry), *codes])
        with (
            suppress(AlreadyDone),
            claimed(self.claims, f"SAID#{said}", lease=LEASE, remember=REMEMBERED),
        ):
            self.publish(outcome)


def why(outcome: HardeningOutcome) -> str:
    """Say in one line what kept an account from being hardened."""
    if outcome.reason:
        return f"{outcome.reason.code}: {outcome.reason.text}"
    return "; ".join(f"{f.kind} {f.identifier or ''}: {f.code}" for f in outcome.failures)
