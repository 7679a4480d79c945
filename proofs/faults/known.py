"""What is known not to hold, and why: counted apart, never hidden."""

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Known:
    """Violations like `text` in runs where a call like `struck` failed."""

    text: str
    struck: str
    reason: str


KNOWN = (
    Known(
        text=r"an alert of what did not happen: own_role_stolen in \d+",
        # The session is put on record right after it is opened.
        struck=r"(answers?-lost|died-after) at call \d+, sts AssumeRoot"
        r"|died-before at call \d+, dynamodb PutItem",
        reason="AWS opened the session, and its key never reached us: nobody can put it on record, and the"
        " record of a thief who has our role looks the same. The alert is true, and stays.",
    ),
    Known(
        text=r"alerts are late because of another: .* after 0:03:0\d",
        struck=r"died-before at call \d+, sqs ChangeMessageVisibilityBatch",
        reason="The function died before it could say when its batch is to come back, so the queue's own"
        " time-out holds: three minutes, six times the function's, as AWS advises for when Lambda throttles.",
    ),
    Known(
        text=r"no final outcome names \w+ of \d+, which was removed",
        struck=r"denied-from-now-on at call \d+, events PutEvents",
        reason="A role that may put nothing on the bus any more says no outcome. NotAnnounced rings; the log"
        " has what was removed, and so has the state table, for the first outcome that is taken.",
    ),
)


def reason_for(text: str, struck: Sequence[str]) -> str | None:
    """Return why a violation is known, None where it is not."""
    for known in KNOWN:
        if re.search(known.text, text) and any(re.search(known.struck, each) for each in struck):
            return known.reason
    return None
