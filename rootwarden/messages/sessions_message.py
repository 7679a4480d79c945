"""The words for `Root Sessions Not Recorded`."""

from rootwarden.contract.activities import Severity
from rootwarden.messages.message import SESSIONS, Message
from rootwarden.outcomes import AccountReference, SessionsNotRecorded

# Enough to find the others in the log, in which all of them are.
_MOST_NAMED = 10


def sessions_message(outcome: SessionsNotRecorded, _region: str) -> Message:
    """Compose the message."""
    sessions, left_out = outcome.sessions[:_MOST_NAMED], outcome.sessions[_MOST_NAMED:]
    facts = [(f"Session in {each.account_id}", each.access_key_id) for each in sessions]
    if left_out:
        facts.append(("And", f"{len(left_out)} more, in the log as `root sessions not on record`"))
    return Message(
        severity=outcome.severity or Severity.MEDIUM,
        # Of one account or of many: no route by account takes it, as none takes the outcome.
        account=AccountReference(account_id=None, name=_where(outcome)),
        headline=f"root sessions of rootwarden not on record: {len(outcome.sessions)}",
        happened="rootwarden opened root sessions, and the state table did not take the record of them.",
        done="rootwarden used none of them. They end by themselves within two minutes. What a person asked"
        " for must be asked again; the rest is tried again, or is a dead letter.",
        facts=tuple(facts),
        next_steps=(
            "Look at the state table's throttled requests and errors.",
            "A session above that was used all the same is alerted on as critical.",
        ),
        links=(),
        entry=SESSIONS,
    )


def _where(outcome: SessionsNotRecorded) -> str:
    first, *others = sorted({each.account_id for each in outcome.sessions})
    if not others:
        return first
    return f"{first} and {len(others)} more account{'' if len(others) == 1 else 's'}"
