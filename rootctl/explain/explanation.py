"""What one function would do with an event, and which message people would get of it."""

import json
from dataclasses import dataclass, replace

from rootctl.explain.expecting import Expecting
from rootctl.explain.knowledge import Knowledge
from rootctl.explain.routing import Taker
from rootwarden.aws.state_table import KeyKind
from rootwarden.event_fields import Fields
from rootwarden.events import Envelope
from rootwarden.messages.compose import compose
from rootwarden.outcomes import SOURCE, Outcome


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
