"""When what exists of an account's password and access keys was last used: a time, never, or not known."""

from rootwarden.hardening.last_use import LastUse
from rootwarden.hardening.removal import Preview, removal_order
from rootwarden.outcomes import iso
from rootwarden.root_credentials import CredentialKind
from rootwarden.sweep.sweep import AccountRow

NEVER, UNKNOWN = "never", "unknown"


def password_last_used(row: AccountRow) -> str | None:
    """Return when the password was; None where it was seen that there is none."""
    uses = _uses(row, CredentialKind.PASSWORD)
    return uses[0] if uses else None


def keys_last_used(row: AccountRow) -> list[str]:
    """Return when each access key was; an empty list where it was seen that there is none."""
    return _uses(row, CredentialKind.ACCESS_KEY)


def _uses(row: AccountRow, kind: CredentialKind) -> list[str]:
    if row.posture is not None and kind not in row.posture.present:
        return []
    seen = row.preview or Preview()
    known = {use.credential: use for use in seen.last_used}
    found = sorted((each for each in seen.found if each.kind is kind), key=removal_order)
    return [_in_words(known.get(each)) for each in found] or [UNKNOWN]


def _in_words(use: LastUse | None) -> str:
    if use is None:
        return UNKNOWN
    return iso(use.at) if use.at else NEVER
