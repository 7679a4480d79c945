"""What enforcing would do to one account today, and what may break by it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rootctl.errors import Exit
from rootctl.printed_commands import complete
from rootwarden.hardening.removal import RECENTLY_USED, Failure, Preview
from rootwarden.outcomes import AccountReference
from rootwarden.root_credentials import Credential, LastUse, in_order, removal_order
from rootwarden.sweep.sweep import AccountRow, RowResult

# What was used within so long may still be needed, though the rule lets it go.
_MAY_BE_NEEDED = timedelta(days=365)
_NOTHING_TO_DO = frozenset({RowResult.CLEAN, RowResult.HARDENED, RowResult.MANAGEMENT, RowResult.NOT_ACTIVE})


class Fate(StrEnum):
    """What enforcing would come to. not_known is never nothing."""

    WOULD_REMOVE = "would_remove"
    WOULD_LEAVE = "would_leave"
    LEFT_ALONE = "left_alone"
    NOT_KNOWN = "not_known"


_EXITS = {Fate.LEFT_ALONE: Exit.DONE, Fate.NOT_KNOWN: Exit.FAILED}


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One account. why: of what is left alone or not known. owner: None where nobody is named."""

    account: AccountReference
    fate: Fate
    goes: tuple[Credential, ...] = ()
    stays: tuple[Failure, ...] = ()
    last_used: tuple[LastUse, ...] = ()
    may_break: tuple[str, ...] = ()
    why: str | None = None
    owner: str | None = None

    @property
    def careful(self) -> tuple[str, ...]:
        """What a person should know before enforcing."""
        left = (stay_in_words(each) for each in self.stays if each.code == RECENTLY_USED)
        return (*self.may_break, *([self.why] if self.why else []), *left)

    @property
    def exit(self) -> Exit:
        """How the command ends because of this account."""
        return _EXITS.get(self.fate, Exit.FINDINGS)

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        return {
            "account": self.account.to_detail(),
            "owner": self.owner,
            "fate": self.fate.value,
            "why": self.why,
            "wouldRemove": [each.to_detail() for each in self.goes],
            "wouldStay": [each.to_detail() for each in self.stays],
            "lastUsed": [each.to_detail() for each in self.last_used],
            "mayBreak": list(self.may_break),
        }


def planned(row: AccountRow, now: datetime) -> Planned | None:
    """Say what enforcing would do to an audited account; None where there is nothing to do."""
    if row.result in _NOTHING_TO_DO:
        return None
    account, found = AccountReference.of(row.account), row.preview or Preview()
    unlisted = [each for each in found.stays if each.code != RECENTLY_USED]
    fate, why = _fate(row, found, unlisted, now)
    goes = fate is Fate.WOULD_REMOVE
    return Planned(
        account=account,
        fate=fate,
        goes=tuple(sorted(found.goes, key=removal_order)) if goes else (),
        stays=found.stays,
        last_used=tuple(in_order(found.last_used)),
        may_break=tuple(_may_break(found, now)) if goes else (),
        why=why,
    )


def _fate(row: AccountRow, found: Preview, unlisted: list[Failure], now: datetime) -> tuple[Fate, str | None]:
    # The row may be of days ago: what ended since leaves nothing alone.
    if row.exemption_until and row.exemption_until >= now.date().isoformat():
        return Fate.LEFT_ALONE, f"exempt until {row.exemption_until}: {row.exemption_reason}"
    if (window := row.recovery_window) and window.until > now:
        return Fate.LEFT_ALONE, f"a recovery window is open until {window.until:%Y-%m-%d %H:%M} UTC"
    if row.posture is None:
        return Fate.NOT_KNOWN, ": ".join(word for word in (row.code, row.message) if word)
    named = {each.kind for each in found.goes} | {each.kind for each in found.stays}
    if row.posture.present - named or not named:
        return Fate.NOT_KNOWN, complete("credentials exist, and which was not looked at: rootctl plan --now")
    fate = Fate.WOULD_REMOVE if found.goes else Fate.NOT_KNOWN if unlisted else Fate.WOULD_LEAVE
    if not unlisted:
        return fate, None
    what = "could not be removed" if row.result is RowResult.PARTIAL else "not all could be looked at"
    return fate, f"{what}: {'; '.join(map(stay_in_words, unlisted))}"


def _may_break(found: Preview, now: datetime) -> Iterable[str]:
    for use in in_order(found.last_used):
        if use.credential in found.goes and use.at and use.at > now - _MAY_BE_NEEDED:
            yield f"{credential_in_words(use.credential)} was used {(now - use.at).days} days ago"


def credential_in_words(credential: Credential) -> str:
    """Return a credential as people name it."""
    kind = credential.kind.value.replace("_", " ")
    return kind if credential.identifier == credential.kind.value else f"{kind} {credential.identifier}"


def stay_in_words(failure: Failure) -> str:
    """Say what stays, and why."""
    named = credential_in_words(Credential(failure.kind, failure.identifier or "?"))
    return f"{named}: {failure.message}"


def use_in_words(use: LastUse) -> str:
    """Say when a credential was last used."""
    return f"{credential_in_words(use.credential)}: {f'{use.at:%Y-%m-%d}' if use.at else 'never'}"
