"""Whom an outcome is told."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from rootctl.explain.explanation import Explanation
from rootctl.explain.knowledge import Knowledge
from rootctl.explain.routing import Taker
from rootwarden.event_fields import Fields
from rootwarden.events import Envelope
from rootwarden.messages.compose import compose
from rootwarden.outcomes import SOURCE, Outcome


def explain_telling(envelope: Envelope, knowledge: Knowledge, _clock: Callable[[], datetime]) -> Explanation:
    """Explain one of rootwarden's own outcomes; raises MalformedEvent."""
    announcement = compose(envelope)
    account = envelope.detail.optional_text("account", "id")
    if announcement is None:
        because = "this outcome needs nobody's attention"
        return Explanation(function=Taker.NOTIFY.value, would="tell nobody", because=because, account=account)
    if knowledge.is_done("MESSAGE", f"{envelope.event_id}#email"):
        because = "people have had this message before"
        return Explanation(
            function=Taker.NOTIFY.value, would="skip it as a duplicate", because=because, account=account
        )
    return Explanation(
        function=Taker.NOTIFY.value,
        would="send a message through every channel that is configured",
        because=announcement.happened,
        account=account,
        told=announcement.title,
    )


def title(outcome: Outcome, cause: Envelope) -> str | None:
    """Return the title of the message that people would get of an outcome; None for none."""
    detail = Fields(json.loads(json.dumps(outcome.to_detail())), "detail")
    told = replace(cause, source=SOURCE, detail_type=outcome.detail_type, detail=detail)
    announcement = compose(told)
    return announcement.title if announcement else None
