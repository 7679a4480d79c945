"""How long each function may run, and for how long its claims keep others away."""

from datetime import timedelta

# In seconds; Lambda stops what is still running then.
TIME_LIMITS = {
    "harden_account": 120,
    "forget_account": 30,
    "assess_root_activity": 30,
    # Three channels, each of which may hang for its own time.
    "notify": 60,
    "list_accounts": 300,
    # The batch's audit waits for it; what there is no time for comes with the next sweep.
    "collect_undelivered": 60,
    "audit_accounts": 140,
    "write_report": 600,
    "open_recovery": 60,
    "close_recovery": 60,
    # A root session lasts two minutes; finding a queue in every Region comes before reading its policy back.
    "unlock_bucket": 150,
    "unlock_queue": 150,
}
_MARGIN_SECONDS = 30


def lease(function: str) -> timedelta:
    """Return how long a claim holds that is not given back: a little longer than its function may run."""
    return timedelta(seconds=TIME_LIMITS[function] + _MARGIN_SECONDS)
