"""The deployment's configuration, frozen and validated: the `rootwarden` block of cdk.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from rootwarden.contract.regions import DEFAULT_REGIONS, GLOBAL_SERVICES_REGION, must_be_opted_in

if TYPE_CHECKING:
    from stacks.approval_config import Approval
    from stacks.coverage_config import Coverage
    from stacks.members_config import Members
    from stacks.recovery_config import Recovery
    from stacks.sweep_config import Sweep

# IAM, sign-in and Organizations are global services: their events exist in this Region only.


@dataclass(frozen=True)
class Exemption:
    """An account, or all accounts of an OU, left alone until a date. One of the two ids is set."""

    account: str | None
    organizational_unit: str | None
    reason: str
    until: str

    def to_detail(self) -> dict[str, str]:
        """Return the object harden_account reads from its environment."""
        target = {"account": self.account} if self.account else {"ou": self.organizational_unit or ""}
        return {**target, "reason": self.reason, "until": self.until}


@dataclass(frozen=True)
class Slack:
    """Both ways into Slack; each is used where it is configured."""

    workspace_id: str | None
    channel_id: str | None
    webhook_secret_arn: str | None


@dataclass(frozen=True)
class Configuration:
    """Everything a deployment can choose; docs/configuration.md describes each key."""

    management_account_id: str
    organization_id: str
    organization_root_id: str | None
    hub_account_id: str
    hub_region: str
    alert_emails: tuple[str, ...]
    slack: Slack
    exemptions: tuple[Exemption, ...]
    remove_recently_used_keys: bool
    queue_retention_days: int
    log_retention_days: int
    forwarding_regions: tuple[str, ...]
    forward_read_only_calls: bool
    member_organizational_units: tuple[str, ...]
    control_tower_home_region: str | None
    deny_root_organizational_units: tuple[str, ...]
    protecting_policies: tuple[str, ...]
    sweep: Sweep
    recovery: Recovery
    approval: Approval
    coverage: Coverage
    members: Members

    @property
    def hub_is_delegated_administrator(self) -> bool:
        """Tell whether the hub is an account of its own, to be registered for IAM."""
        return self.hub_account_id != self.management_account_id

    @property
    def member_targets(self) -> tuple[str, ...]:
        """The OUs whose accounts forward, the organization's root standing for all of them."""
        return self.member_organizational_units or (self.organization_root_id or "",)

    @property
    def canary_targets(self) -> tuple[str, ...]:
        """Those of the OUs that get a changed template before the others."""
        return self.members.canary_organizational_units

    @property
    def other_management_regions(self) -> tuple[str, ...]:
        """Where the management account forwards from besides us-east-1."""
        home = self.control_tower_home_region
        regions = {*self.forwarding_regions, *([home] if home else [])}
        return tuple(sorted(regions - {GLOBAL_SERVICES_REGION}))

    @property
    def probed_regions(self) -> tuple[str, ...]:
        """The Regions that sweeps probe besides the one that every audit proves."""
        if not self.coverage.probes_other_regions:
            return ()
        return tuple(region for region in self.forwarding_regions if region != GLOBAL_SERVICES_REGION)

    def exemptions_json(self) -> str:
        """Return the exemptions as the compact JSON harden_account reads."""
        return compact_json([exemption.to_detail() for exemption in self.exemptions])

    def warnings(self, *, today: date | None = None) -> tuple[str, ...]:
        """Return what is allowed but probably not meant."""
        now = today or datetime.now(UTC).date()
        ended = [
            f"exemptions[{index}] ended on {exemption.until}: "
            f"{exemption.account or exemption.organizational_unit} is hardened like any other"
            for index, exemption in enumerate(self.exemptions)
            if date.fromisoformat(exemption.until) < now
        ]
        return (*ended, *self._region_warnings())

    def _region_warnings(self) -> list[str]:
        forwarded = self.forwarding_regions
        warnings = []
        if self.hub_region not in forwarded:
            text = "root sessions begun there are not seen"
            warnings.append(f"forwarding_regions lacks hub_region, {self.hub_region}: {text}")
        left_out = [region for region in DEFAULT_REGIONS if region not in forwarded]
        if left_out:
            warnings.append(
                f"forwarding_regions leaves out {', '.join(left_out)}: every account has these Regions, and"
                ' root\'s calls there are not seen. Add "default", or deny the Regions by policy'
            )
        opt_in = must_be_opted_in(forwarded)
        if opt_in:
            tolerated = self.members.failure_tolerance_count
            warnings.append(
                f"forwarding_regions names {', '.join(opt_in)}, which an account has only once it has opted"
                " in: in members that have not, the stack instance of that Region fails, as it should, for"
                " no root call can happen there either. More such members than"
                f" members.failure_tolerance_count, {tolerated}, stop the StackSet. The management account"
                " must have opted in"
            )
        return warnings


def compact_json(value: object) -> str:
    """Return JSON without spaces, as it goes into an environment variable."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
