"""rootwarden.yaml as a whole; docs/configuration.md describes each key.

A rule on several keys stands at the last of them, so that it is checked although other keys have mistakes.
"""

import json
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from pydantic import field_validator as rule

from rootwarden.contract.configured import Mode
from rootwarden.contract.names import CANARY_STACK_SET, STACK_SET
from rootwarden.contract.regions import (
    ALL_DEFAULT,
    DEFAULT_REGIONS,
    GLOBAL_SERVICES_REGION,
    expanded,
    must_be_opted_in,
)
from rootwarden.contract.watch_patterns import protecting_policies
from stacks.configuration import values
from stacks.configuration.blocks import (
    Approval,
    Block,
    ExemptionEntry,
    ExpectationEntry,
    Hardening,
    IdentityCenter,
    Members,
    Recovery,
    Slack,
    Teams,
    emails_fit,
    exemptions_fit,
    expectations_fit,
)
from stacks.configuration.routes import LONGEST_PATTERN, Route, names_once
from stacks.configuration.sweep import Coverage, ProbeTurn, Sweep
from stacks.configuration.values import AS_JSON, AT_LEAST_ONE, ONCE, Flag, Takes, listed, refuse, whole


def _forwarded(named: tuple[str, ...]) -> tuple[str, ...]:
    regions = expanded(named)
    if GLOBAL_SERVICES_REGION not in regions:
        refuse(
            f'a list with "{ALL_DEFAULT}" or {GLOBAL_SERVICES_REGION} in it:'
            " sign-in and IAM events exist only there"
        )
    return regions


def _default_for_null(value: Any) -> Any:
    return [ALL_DEFAULT] if value is None else value


_Regions = tuple[values.RegionOrDefault, ...]
_LOG_DAYS = "a number of days CloudWatch Logs knows, such as 30, 90, 365 or 3653"
_LogDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]


# As long as ids of policies are that Organizations makes today.
_DENY_ROOT = "p-0123456789"


class Configuration(Block):
    """Everything a deployment can choose."""

    management_account_id: values.Account
    organization_id: values.Organization
    organization_root_id: values.OrganizationRoot | None = None
    hub_account_id: values.Account
    hub_region: values.Region
    alert_emails: Annotated[
        tuple[values.Email, ...],
        AS_JSON,
        AT_LEAST_ONE,
        ONCE,
        AfterValidator(emails_fit),
        listed(values.EMAIL, at_least=1),
    ]
    slack: Slack = Slack()
    teams: Teams = Teams()
    owner_tag: values.TagKey = "owner"
    identity_center: IdentityCenter = IdentityCenter()
    runbook_url: values.Place = "docs"
    routes: Annotated[tuple[Route, ...], AS_JSON, AfterValidator(names_once), Takes("a list of objects")] = ()
    exemptions: Annotated[
        tuple[ExemptionEntry, ...], AS_JSON, AfterValidator(exemptions_fit), Takes("a list of objects")
    ] = ()
    hardening: Hardening = Hardening()
    expected: Annotated[
        tuple[ExpectationEntry, ...], AS_JSON, AfterValidator(expectations_fit), Takes("a list of objects")
    ] = ()
    queue_retention_days: Annotated[int, whole(1, 14, " of days")] = 14
    log_retention_days: Annotated[_LogDays, Takes(_LOG_DAYS)] = 365
    forwarding_regions: Annotated[
        _Regions,
        AS_JSON,
        AT_LEAST_ONE,
        ONCE,
        AfterValidator(_forwarded),
        listed(values.REGION_OR_DEFAULT, at_least=1),
        BeforeValidator(_default_for_null, json_schema_input_type=_Regions | None),
    ] = (ALL_DEFAULT,)
    forward_read_only_calls: Flag = False
    member_organizational_units: values.Units = ()
    control_tower_home_region: values.Region | None = None
    deny_root_organizational_units: values.Units = ()
    protecting_policies: Annotated[tuple[values.Policy, ...], AS_JSON, ONCE, listed(values.POLICY)] = ()
    sweep: Sweep = Sweep()
    recovery: Recovery = Recovery()
    approval: Approval = Approval()
    coverage: Coverage = Coverage()
    members: Members = Members()
    name_prefix: values.NamePrefix = ""
    tags: values.Tags = Field(default_factory=dict)
    permissions_boundary: values.PolicyName | None = None
    role_path: values.RolePath = "/"
    kms_key_arn: values.KmsKey | None = None

    @rule("routes")
    @classmethod
    def _mailboxes(cls, routes: tuple[Route, ...], info: ValidationInfo) -> tuple[Route, ...]:
        addresses = [*info.data.get("alert_emails", ()), *(each.to.email for each in routes if each.to.email)]
        if twice := sorted({each for each in addresses if addresses.count(each) > 1}):
            takes = (
                "each address once, here and in alert_emails: a topic knows an address by one subscription"
            )
            refuse(takes, found=", ".join(twice))
        return routes

    @rule("protecting_policies")
    @classmethod
    def _in_one_pattern(cls, ids: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse more than one rule matches, the deny-root policy among them."""
        [pattern] = protecting_policies([_DENY_ROOT, *ids])
        size = len(json.dumps(pattern.document(account="0" * 12), separators=(",", ":")))
        if size > LONGEST_PATTERN:
            takes = f"ids that fit into an event pattern of {LONGEST_PATTERN} characters, EventBridge's most"
            refuse(takes, found=f"{len(ids)} ids, {size} characters in all")
        return ids

    @rule("member_organizational_units")
    @classmethod
    def _targets(cls, units: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not units and info.data.get("organization_root_id", "") is None:
            takes = f"{values.ROOT}, unless member_organizational_units names OUs"
            refuse(takes, key="organization_root_id")
        return units

    @rule("members")
    @classmethod
    def _canary(cls, members: Members, info: ValidationInfo) -> Members:
        canary = set(members.canary_organizational_units)
        units = info.data.get("member_organizational_units")
        if canary and units is not None and not canary < set(units):
            refuse(
                "some of the units that member_organizational_units lists, not all of them: an account may be"
                " in one StackSet only",
                key="members.canary_organizational_units",
            )
        return members

    def named(self, name: str) -> str:
        """Return what something of ours is called in this deployment."""
        return f"{self.name_prefix}{name}"

    @property
    def hub_is_delegated_administrator(self) -> bool:
        """Say whether the hub is an account of its own, to be registered for IAM."""
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
    def units_by_stack_set(self) -> dict[str, tuple[str, ...]]:
        """The OUs of each StackSet: canary units, where there are any, have one of their own."""
        canary = self.canary_targets
        others = tuple(target for target in self.member_targets if target not in canary)
        names = {STACK_SET: others, **({CANARY_STACK_SET: canary} if canary else {})}
        return {self.named(name): units for name, units in names.items()}

    @property
    def other_management_regions(self) -> tuple[str, ...]:
        """Where the management account forwards from besides us-east-1."""
        home = self.control_tower_home_region
        regions = {*self.forwarding_regions, *([home] if home else [])}
        return tuple(sorted(regions - {GLOBAL_SERVICES_REGION}))

    @property
    def probed_regions(self) -> tuple[str, ...]:
        """The Regions that sweeps probe besides the one that every audit proves."""
        if self.coverage.other_regions is ProbeTurn.NEVER:
            return ()
        return tuple(region for region in self.forwarding_regions if region != GLOBAL_SERVICES_REGION)

    def warnings(self, *, today: date | None = None) -> tuple[str, ...]:
        """Return what is allowed but probably not meant."""
        now = today or datetime.now(UTC).date()
        ended = [
            f"exemptions[{index}] ended on {entry.until}: {entry.account or entry.ou} is hardened"
            " like any other"
            for index, entry in enumerate(self.exemptions)
            if entry.until < now
        ]
        ended += [
            f"expected[{index}] ended on {entry.until}: {', '.join(entry.calls)} by {entry.principal}"
            " alerts like any other"
            for index, entry in enumerate(self.expected)
            if entry.until < now
        ]
        return (*ended, *self._mode_warnings(), *self._region_warnings())

    def _mode_warnings(self) -> list[str]:
        if not self.sweep.may_enforce or self.hardening.existing is Mode.ENFORCE:
            return []
        text = "sweeps remove what events about accounts that existed before only report"
        return [f"sweep.mode is enforce while hardening.existing is observe: {text}"]

    def _region_warnings(self) -> list[str]:
        forwarded = self.forwarding_regions
        warnings = []
        if self.control_tower_home_region and "forwarding_regions" not in self.model_fields_set:
            warnings.append(
                "forwarding_regions is the default while there is a Control Tower: where its Region deny is"
                " on, the StackSet fails in the Regions it denies. Name those that it allows, us-east-1"
                ' included; or name "default"'
            )
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
