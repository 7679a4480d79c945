"""The report of a sweep: every account's posture, what changed, and what could not be known."""
