"""What a sweep found of one account: one line of its results."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rootwarden.contract.exemptions import Exemption
from rootwarden.coverage.probes import Probe
from rootwarden.outcomes import iso
from rootwarden.recovery.windows import RecoveryWindow
from rootwarden.root_credentials import Credential, Posture
from rootwarden.sweep.accounts import ListedAccount


class RowResult(StrEnum):
    """How an account stands. Only clean and hardened were proven; unreachable proves nothing."""

    CLEAN = "clean"
    EXPOSED = "exposed"
    HARDENED = "hardened"
    PARTIAL = "partial"
    UNREACHABLE = "unreachable"
    NOT_ACTIVE = "not_active"
    MANAGEMENT = "management"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One account. posture: what is there now, None when nobody could look. code: AWS's own, or ours.

    recovery_window is looked up only where credentials exist. probes: of Regions beside the audit's own.
    """

    account: ListedAccount
    result: RowResult
    audited_at: datetime
    posture: Posture | None = None
    removed: frozenset[Credential] = frozenset()
    exemption: Exemption | None = None
    recovery_window: RecoveryWindow | None = None
    code: str | None = None
    message: str | None = None
    probes: tuple[Probe, ...] = ()

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        exemption, window = self.exemption, self.recovery_window
        return {
            "id": self.account.account_id,
            "name": self.account.name,
            "state": self.account.state,
            "organizationalUnit": self.account.organizational_unit,
            "result": self.result.value,
            "posture": self.posture.to_detail() if self.posture else None,
            "removed": [{"kind": c.kind.value, "id": c.identifier} for c in sorted(self.removed)],
            "exemption": {"reason": exemption.reason, "until": exemption.until.isoformat()}
            if exemption
            else None,
            "recoveryWindow": window.to_detail() if window else None,
            "code": self.code,
            "message": self.message,
            "auditedAt": iso(self.audited_at),
            "probes": [probe.to_detail() for probe in self.probes],
        }
