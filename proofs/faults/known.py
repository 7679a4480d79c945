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
        struck=r"(answers?-lost|died-after) at call \d+, sts AssumeRoot",
        reason="AWS opened the session, and its key never reached us: nobody can put it on record, and the"
        " record of a thief who has our role looks the same. The alert is true, and stays.",
    ),
)


def reason_for(text: str, struck: Sequence[str]) -> str | None:
    """Return why a violation is known, None where it is not."""
    for known in KNOWN:
        if re.search(known.text, text) and any(re.search(known.struck, each) for each in struck):
            return known.reason
    return None
