"""One sweep over the organization: who it is, its list of accounts, and what it found of each."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from rootwarden.accounts import Account
from rootwarden.contract.configured import Exemption, Mode, as_said_now
from rootwarden.coverage.probes import Probe
from rootwarden.events import AccountId, Fields, MalformedEvent, parse_account_id
from rootwarden.hardening.removal import Preview
from rootwarden.outcomes import iso
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.root_credentials import PASSWORD, Credential, CredentialKind, Posture

BATCH_FAILED = "BatchFailed"


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """One execution. mode: None when it was not given, so that the configured one holds."""

    sweep_id: str
    started_at: datetime
    mode: Mode | None

    @property
    def accounts_key(self) -> str:
        """Where the list of accounts is kept."""
        return f"sweeps/{self.sweep_id}/accounts.json"

    @property
    def results_prefix(self) -> str:
        """Where the batches' results are kept."""
        return f"sweeps/{self.sweep_id}/results/"

    @property
    def undelivered_prefix(self) -> str:
        """Where it is kept what accounts could not send."""
        return f"sweeps/{self.sweep_id}/undelivered/"

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"sweepId": self.sweep_id, "startedAt": iso(self.started_at), "mode": self.mode}

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent."""
        return cls(
            sweep_id=fields.text("sweepId"),
            started_at=fields.time("startedAt"),
            mode=as_said_now(fields).choice(Mode, "mode") if fields.has("mode") else None,
        )


def listed(account: Account) -> dict[str, object]:
    """Return the JSON form an account has in the list."""
    units = account.organizational_units
    return {
        "id": account.account_id,
        "name": account.name,
        "state": account.state,
        "organizationalUnits": None if units is None else list(units),
        "joinedAt": None if account.joined_at is None else iso(account.joined_at),
    }


def read_account(fields: Fields) -> Account:
    """Read the JSON form; raises MalformedEvent only where there is no account id."""
    return Account(
        account_id=parse_account_id(fields.text("id"), "id"),
        name=fields.optional_text("name"),
        state=fields.optional_text("state") or "UNKNOWN",
        organizational_units=fields.optional_texts("organizationalUnits"),
        joined_at=_joined_at(fields),
    )


def _joined_at(fields: Fields) -> datetime | None:
    try:
        return fields.time("joinedAt")
    except MalformedEvent:
        return None


def each_once(accounts: Iterable[Account]) -> list[Account]:
    """Return every account once, in order; of an account listed twice, what was said first."""
    first: dict[AccountId, Account] = {}
    for account in accounts:
        first.setdefault(account.account_id, account)
    return list(first.values())


class RowResult(StrEnum):
    """How an account stands. Only clean and hardened were proven; unreachable proves nothing."""

    CLEAN = "clean"
    EXPOSED = "exposed"
    HARDENED = "hardened"
    PARTIAL = "partial"
    UNREACHABLE = "unreachable"
    NOT_ACTIVE = "not_active"
    MANAGEMENT = "management"


PROVEN = frozenset({RowResult.CLEAN, RowResult.HARDENED})
LEFT = frozenset({RowResult.EXPOSED, RowResult.PARTIAL})
_RECOVERED = frozenset({CredentialKind.PASSWORD, CredentialKind.MFA_DEVICE})


@dataclass(frozen=True, kw_only=True)
class AccountRow:
    """One account. posture: what is there now, None when no one could look. code: AWS's own, or ours.

    preview: what enforcing would come to; None where there is nothing, or no one looked closer.
    exemption_until: a date as text. recovery_window is looked up only where credentials exist. probes: of
    Regions beside the audit's own.
    """

    account: Account
    result: RowResult
    audited_at: datetime
    posture: Posture | None = None
    removed: tuple[Credential, ...] = ()
    preview: Preview | None = None
    exemption_reason: str | None = None
    exemption_until: str | None = None
    recovery_window: RecoveryWindow | None = None
    code: str | None = None
    message: str | None = None
    probes: tuple[Probe, ...] = ()

    @property
    def account_id(self) -> AccountId:
        """The account's id."""
        return self.account.account_id

    @property
    def is_exempt(self) -> bool:
        """Whether an exemption covers the account."""
        return self.exemption_until is not None

    @property
    def has_credentials(self) -> bool:
        """Whether root credentials were seen, or may be left: a partial removal is no proof."""
        seen = self.posture is not None and not self.posture.is_clean
        return seen or self.result in LEFT

    @property
    def is_proven(self) -> bool:
        """Whether it was seen that no root credential exists."""
        return self.result in PROVEN

    @property
    def is_within_window(self) -> bool:
        """Whether there is nothing but what a recovery window is opened for: a password, and its MFA."""
        present = self.posture.present if self.posture else frozenset()
        return self.recovery_window is not None and bool(present) and present <= _RECOVERED

    @property
    def needs_attention(self) -> bool:
        """Whether a person should look: exposed or not looked at, and not so on purpose."""
        if self.is_exempt:
            return False
        if self.result is RowResult.EXPOSED:
            return not self.is_within_window
        return self.result in {RowResult.PARTIAL, RowResult.UNREACHABLE}

    @property
    def concern(self) -> str:
        """What a person should look at, in one line that is another when something changed."""
        present = sorted(self.posture.present) if self.posture else ["unknown"]
        found = self.preview.found if self.preview else ()
        named = sorted(each.identifier for each in found if each != PASSWORD)
        return " ".join([self.account_id, self.result, "+".join(present), *named])

    def exempt_by(self, exemption: Exemption | None) -> Self:
        """Return the row with the exemption that covers its account, if any does."""
        if exemption is None:
            return self
        return replace(self, exemption_reason=exemption.reason, exemption_until=exemption.until.isoformat())

    @classmethod
    def failed(cls, account: Account, at: datetime) -> Self:
        """Return the row of an account whose batch left none."""
        text = "the account's batch timed out, died, or left a result that cannot be read"
        return cls(
            account=account, result=RowResult.UNREACHABLE, audited_at=at, code=BATCH_FAILED, message=text
        )

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        account = self.account
        exemption = {"reason": self.exemption_reason, "until": self.exemption_until}
        return {
            "id": account.account_id,
            "name": account.name,
            "state": account.state,
            "organizationalUnit": account.organizational_unit,
            "result": self.result.value,
            "posture": self.posture.to_detail() if self.posture else None,
            "removed": [{"kind": c.kind.value, "id": c.identifier} for c in self.removed],
            "preview": self.preview.to_detail() if self.preview else None,
            "exemption": exemption if self.is_exempt else None,
            "recoveryWindow": self.recovery_window.to_detail() if self.recovery_window else None,
            "code": self.code,
            "message": self.message,
            "auditedAt": iso(self.audited_at),
            "probes": [probe.to_detail() for probe in self.probes],
        }

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent, also where a result claims what the posture lacks."""
        posture, window = fields.optional_object("posture"), fields.optional_object("recoveryWindow")
        preview = fields.optional_object("preview")
        exemption, unit = fields.optional_object("exemption"), fields.optional_text("organizationalUnit")
        row = cls(
            account=replace(read_account(fields), organizational_units=(unit,) if unit else None),
            result=fields.choice(RowResult, "result"),
            audited_at=fields.time("auditedAt"),
            posture=Posture.from_detail(posture) if posture else None,
            removed=tuple(
                Credential(item.choice(CredentialKind, "kind"), item.text("id"))
                for item in fields.objects("removed")
            ),
            preview=Preview.from_detail(preview) if preview else None,
            exemption_reason=exemption.optional_text("reason") if exemption else None,
            exemption_until=exemption.text("until") if exemption else None,
            recovery_window=RecoveryWindow.from_detail(window) if window else None,
            code=fields.optional_text("code"),
            message=fields.optional_text("message"),
            probes=tuple(map(Probe.from_detail, fields.objects("probes"))) if fields.has("probes") else (),
        )
        row._check()
        return row

    def _check(self) -> None:
        clean = self.posture is not None and self.posture.is_clean
        if self.is_proven and not clean:
            raise MalformedEvent("posture", f"what proves {self.result}", None)
        if self.result is RowResult.EXPOSED and (clean or self.posture is None):
            raise MalformedEvent("posture", "the credentials that are exposed", None)
