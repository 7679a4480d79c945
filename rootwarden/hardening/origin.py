"""How an account came into the organization, by what Organizations says of it, whatever event names it."""

from datetime import datetime, timedelta

from rootwarden.accounts import Account
from rootwarden.contract.modes import Origin

# So long after it joined an account is new. An event may wait 14 days in a queue, and an enrolment is
# retried within days: both are still about the account that joined. After that people work in it.
NEW_FOR = timedelta(days=15)


def origin_of(account: Account, now: datetime) -> Origin:
    """Say how the account came in.

    Without a time it counts as existing, and a new one without a method as invited: that may be in use.
    """
    if account.joined_at is None or now - account.joined_at > NEW_FOR:
        return Origin.EXISTING
    return Origin.CREATED if account.joined_method == "CREATED" else Origin.INVITED


def origin_in_words(account: Account, origin: Origin) -> str:
    """Say in a clause what the origin was told by."""
    if account.joined_at is None:
        return "Organizations did not say when the account joined"
    joined = f"the account joined on {account.joined_at:%Y-%m-%d}"
    if origin is Origin.EXISTING:
        return f"{joined}, more than {NEW_FOR.days} days ago"
    return f"{joined} ({account.joined_method or 'how is not said'})"
