"""One account as the report has it: a line of the sweep's results, or the lack of one."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from rootwarden.accounts import AccountId
from rootwarden.coverage.probes import Probe
from rootwarden.event_fields import Fields, MalformedEvent
from rootwarden.outcomes import iso
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.root_credentials import Credential, CredentialKind, Posture
from rootwarden.sweep.accounts import ListedAccount
from rootwarden.sweep.rows import RowResult

BATCH_FAILED = "BatchFailed"
_PROVEN = frozenset({RowResult.CLEAN, RowResult.HARDENED})
_LEFT = frozenset({RowResult.EXPOSED, RowResult.PARTIAL})


@dataclass(frozen=True, kw_only=True)
class AccountRow:
    """What the sweep found of one account. exemption_until is a date as text; posture None: not known."""

    account: ListedAccount
    result: RowResult
    audited_at: datetime
    posture: Posture | None = None
    removed: tuple[Credential, ...] = ()
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
        return seen or self.result in _LEFT

    @property
    def is_proven(self) -> bool:
        """Whether it was seen that no root credential exists."""
        return self.result in _PROVEN

    @property
    def needs_attention(self) -> bool:
        """Whether a person should look: exposed or not looked at, and not so on purpose."""
        if self.is_exempt:
            return False
        if self.result is RowResult.EXPOSED:
            return self.recovery_window is None
        return self.result in {RowResult.PARTIAL, RowResult.UNREACHABLE}

    @classmethod
    def failed(cls, account: ListedAccount, at: datetime) -> Self:
        """Return the row of an account whose batch left none."""
        text = "the account's batch timed out, died, or left a result that cannot be read"
        return cls(
            account=account, result=RowResult.UNREACHABLE, audited_at=at, code=BATCH_FAILED, message=text
        )

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read a line; raises MalformedEvent, also where a result claims what the posture does not show."""
        posture, window = fields.optional_object("posture"), fields.optional_object("recoveryWindow")
        exemption = fields.optional_object("exemption")
        row = cls(
            account=_account(fields),
            result=fields.choice(RowResult, "result"),
            audited_at=fields.time("auditedAt"),
            posture=Posture.from_detail(posture) if posture else None,
            removed=tuple(
                Credential(item.choice(CredentialKind, "kind"), item.text("id"))
                for item in fields.objects("removed")
            ),
            exemption_reason=exemption.optional_text("reason") if exemption else None,
            exemption_until=exemption.text("until") if exemption else None,
            recovery_window=RecoveryWindow.from_detail(window) if window else None,
            code=fields.optional_text("code"),
            message=fields.optional_text("message"),
            probes=tuple(Probe.from_detail(probe) for probe in fields.objects("probes"))
            if fields.has("probes")
            else (),
        )
        row.check()
        return row

    def check(self) -> None:
        """Raise MalformedEvent where the result claims what the posture does not show."""
        clean = self.posture is not None and self.posture.is_clean
        if self.is_proven and not clean:
            raise MalformedEvent("posture", f"what proves {self.result}", None)
        if self.result is RowResult.EXPOSED and (clean or self.posture is None):
            raise MalformedEvent("posture", "the credentials that are exposed", None)

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form, as the line was."""
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
            "exemption": exemption if self.is_exempt else None,
            "recoveryWindow": self.recovery_window.to_detail() if self.recovery_window else None,
            "code": self.code,
            "message": self.message,
            "auditedAt": iso(self.audited_at),
            "probes": [probe.to_detail() for probe in self.probes],
        }


def _account(fields: Fields) -> ListedAccount:
    unit = fields.optional_text("organizationalUnit")
    return replace(ListedAccount.from_detail(fields), organizational_units=(unit,) if unit else None)
