"""The public controls a posture answers: AWS Security Hub's, with their numbers in the CIS benchmarks.

https://docs.aws.amazon.com/securityhub/latest/userguide/iam-controls.html
"""

from dataclasses import dataclass
from enum import StrEnum

from rootwarden.root_credentials import CredentialKind, Posture


class ControlStatus(StrEnum):
    """What can be said of a control. Not knowing is never a pass."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Control:
    """A control, and where each version of the CIS AWS Foundations Benchmark has it."""

    control_id: str
    title: str
    cis: tuple[tuple[str, str], ...]

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"id": self.control_id, "title": self.title, "cis": dict(self.cis)}

    @property
    def numbers(self) -> str:
        """The benchmarks' numbers in words."""
        return ", ".join(f"{version} {number}" for version, number in self.cis)


def _cis(*numbers: str) -> tuple[tuple[str, str], ...]:
    return tuple(zip(("4.0", "5.0", "6.0", "7.0"), numbers, strict=True))


ACCESS_KEY = Control("IAM.4", "The root user has no access key", _cis("1.4", "1.3", "2.3", "2.4"))
MFA = Control("IAM.9", "The root user has MFA, or no credentials at all", _cis("1.5", "1.4", "2.4", "2.5"))
HARDWARE_MFA = Control(
    "IAM.6", "The root user has hardware MFA, or no credentials at all", _cis("1.6", "1.5", "2.5", "2.6")
)
CONTROLS = (ACCESS_KEY, MFA, HARDWARE_MFA)
CENTRALIZED_ROOT_ACCESS = "CIS 7.0 2.1.1"
Statuses = dict[Control, ControlStatus]
UNKNOWN: Statuses = dict.fromkeys(CONTROLS, ControlStatus.UNKNOWN)


def controls_of(posture: Posture | None) -> Statuses:
    """Judge what a posture shows. The summary does not say whether an MFA device is hardware."""
    if posture is None:
        return UNKNOWN
    has_mfa = CredentialKind.MFA_DEVICE in posture.present
    without_mfa = ControlStatus.PASS if posture.is_clean else ControlStatus.FAIL
    has_key = CredentialKind.ACCESS_KEY in posture.present
    return {
        ACCESS_KEY: ControlStatus.FAIL if has_key else ControlStatus.PASS,
        MFA: ControlStatus.PASS if has_mfa else without_mfa,
        HARDWARE_MFA: ControlStatus.UNKNOWN if has_mfa else without_mfa,
    }
