"""What one function would do with an event, which message people would get, and whether it is expected."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from rootctl.explain.knowledge import Knowledge
from rootctl.explain.routing import Taker
from rootwarden.activity.assessment import ActivityVerdict
from rootwarden.activity.judgement import expectation_of, expectations_naming
from rootwarden.activity.outcomes import ActivityAlert
from rootwarden.aws.state_table import KeyKind
from rootwarden.cloudtrail import CloudTrailRecord
from rootwarden.contract.activities import Severity
from rootwarden.contract.configured import Expectation
from rootwarden.contract.detail_types import SOURCE
from rootwarden.events import Envelope, Fields
from rootwarden.messages.compose import compose
from rootwarden.outcomes import Outcome, utc_now

_ENDED = "none: its last day is over"
_CRITICAL = "none: what is critical is never expected away"


@dataclass(frozen=True)
class Judged:
    """What became of a record. alert: None where it is only counted, or nothing is reported."""

    verdict: ActivityVerdict
    alert: ActivityAlert | None

    def __str__(self) -> str:
        """Say it as what the event is."""
        return f"an alert with severity {self.alert.severity}" if self.alert else "one more event in a burst"


@dataclass(frozen=True)
class Expecting:
    """An entry of `expected` that names a call. effect: what it changes, as a sentence of its own."""

    entry: Expectation
    has_ended: bool
    effect: str

    def __str__(self) -> str:
        """Say all of it in one line."""
        entry = self.entry
        named = f"{', '.join(entry.calls)} by {entry.principal} until {entry.until} ({entry.reason})"
        return f"{named}. Effect: {self.effect}"

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form: the configuration's, whether it has ended, and the effect."""
        return self.entry.to_detail() | {"hasEnded": self.has_ended, "effect": self.effect}


_Judge: TypeAlias = Callable[[tuple[Expectation, ...]], Judged]


def judged_as_expected(
    record: CloudTrailRecord, plain: Judged, knowledge: Knowledge, judge: _Judge
) -> tuple[Judged, Expecting | None]:
    """Return what becomes of a record that alerts or counts, and the entry that names its call, if any.

    plain: what would become of it if nothing was expected. An entry that ended is named where none holds.
    """
    named = tuple(expectations_naming(record, knowledge.expectations()))
    entry = expectation_of(record, named, utc_now().date())
    if entry is None:
        last = max(named, key=lambda each: each.until, default=None)
        return plain, Expecting(last, has_ended=True, effect=_ENDED) if last else None
    judged = judge(named)
    return judged, Expecting(entry, has_ended=False, effect=_effect(plain, judged))


def _effect(plain: Judged, judged: Judged) -> str:
    if judged.alert and judged.alert.severity is Severity.CRITICAL:
        return _CRITICAL
    if str(judged) == str(plain):
        return f"none: it is {plain} without this entry, too"
    return f"it is {judged}; without this entry it would be {plain}"


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """function: None where no function gets the event. notification: its title, None where none is sent.

    expected: the entry of the configuration that names the call, where the event would be reported.
    not_known: what could not be asked, and what was supposed instead.
    """

    function: str | None
    would: str
    because: str
    account: str | None = None
    notification: str | None = None
    expected: Expecting | None = None
    not_known: tuple[str, ...] = ()


def explain_notification(envelope: Envelope, knowledge: Knowledge) -> Explanation:
    """Explain what notify would do with an outcome; raises MalformedEvent."""
    announcement = compose(envelope)
    if announcement is None:
        would, because = "send nothing", "this outcome needs no person's attention"
    elif knowledge.is_done(KeyKind.MESSAGE, envelope.event_id):
        would, because = "skip it as a duplicate", "this message was sent before"
    else:
        would, because = "send a message through every channel that is configured", announcement.happened
    return Explanation(
        function=Taker.NOTIFY.value,
        would=would,
        because=because,
        account=envelope.detail.optional_text("account", "id"),
        notification=announcement.title if announcement and would.startswith("send a") else None,
    )


def title(outcome: Outcome, cause: Envelope) -> str | None:
    """Return the title of the message that an outcome leads to; None for none."""
    detail = Fields(json.loads(json.dumps(outcome.to_detail())), "detail")
    event = replace(cause, source=SOURCE, detail_type=outcome.detail_type, detail=detail)
    announcement = compose(event)
    return announcement.title if announcement else None
