"""From the `rootwarden` block of the CDK context to a configuration, or to all its mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rootwarden.contract.regions import ALL_DEFAULT, GLOBAL_SERVICES_REGION, expanded
from stacks import config_formats as formats
from stacks.approval_config import read_approval
from stacks.config import Configuration, Exemption, Slack, compact_json
from stacks.config_overrides import BLOCK, configured_block
from stacks.config_reader import ConfigReader, ConfigurationError, Mistake
from stacks.coverage_config import read_coverage
from stacks.members_config import read_members
from stacks.recovery_config import read_recovery
from stacks.sweep_config import read_sweep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.config_formats import Format

# A function's environment holds 4,096 bytes; the other variables stay well below 1,024.
MAX_EXEMPTIONS_BYTES = 3072


def read_configuration(context: Mapping[str, object]) -> Configuration:
    """Return the configuration in a CDK context; raise ConfigurationError naming every mistake."""
    block = configured_block(context)
    if not isinstance(block, dict):
        raise ConfigurationError([Mistake(BLOCK, compact_json(block), "an object")])
    reader = ConfigReader(block)
    configuration = _configuration(reader)
    reader.refuse_unknown()
    if reader.mistakes:
        raise ConfigurationError(reader.mistakes)
    return configuration


def _configuration(reader: ConfigReader) -> Configuration:
    root = reader.optional_text("organization_root_id", formats.ORGANIZATION_ROOT)
    unit = formats.organizational_unit(root)
    hub_region = reader.text("hub_region", formats.REGION)
    return Configuration(
        management_account_id=reader.text("management_account_id", formats.ACCOUNT),
        organization_id=reader.text("organization_id", formats.ORGANIZATION),
        organization_root_id=root,
        hub_account_id=(hub_account_id := reader.text("hub_account_id", formats.ACCOUNT)),
        hub_region=hub_region,
        alert_emails=reader.texts("alert_emails", formats.EMAIL, at_least=1),
        slack=_slack(reader.block("slack"), hub_region),
        exemptions=_exemptions(reader, unit),
        remove_recently_used_keys=reader.flag("remove_recently_used_keys"),
        queue_retention_days=reader.number("queue_retention_days", formats.QUEUE_DAYS, default=14),
        log_retention_days=reader.number("log_retention_days", formats.LOG_DAYS, default=365),
        forwarding_regions=_forwarding_regions(reader),
        forward_read_only_calls=reader.flag("forward_read_only_calls"),
        member_organizational_units=(units := _member_units(reader, unit, root)),
        control_tower_home_region=reader.optional_text("control_tower_home_region", formats.REGION),
        deny_root_organizational_units=reader.texts("deny_root_organizational_units", unit),
        protecting_policies=reader.texts("protecting_policies", formats.POLICY),
        sweep=read_sweep(reader.block("sweep")),
        recovery=read_recovery(reader.block("recovery")),
        approval=read_approval(reader.block("approval"), hub_account_id),
        coverage=read_coverage(reader.block("coverage")),
        members=read_members(reader.block("members"), unit, units),
    )


def _member_units(reader: ConfigReader, unit: Format, root: str | None) -> tuple[str, ...]:
    units = reader.texts("member_organizational_units", unit)
    if root is None and not units:
        reader.refuse(
            "organization_root_id",
            f"{formats.ORGANIZATION_ROOT.takes}, unless member_organizational_units names OUs",
        )
    return units


def _forwarding_regions(reader: ConfigReader) -> tuple[str, ...]:
    if not reader.has("forwarding_regions"):
        return expanded([ALL_DEFAULT])
    regions = expanded(reader.texts("forwarding_regions", formats.REGIONS, at_least=1))
    if regions and "" not in regions and GLOBAL_SERVICES_REGION not in regions:
        reader.refuse(
            "forwarding_regions",
            f'a list with "{ALL_DEFAULT}" or {GLOBAL_SERVICES_REGION} in it:'
            " sign-in and IAM events exist only there",
        )
    return regions


def _slack(block: ConfigReader, hub_region: str) -> Slack:
    slack = Slack(
        workspace_id=block.optional_text("workspace_id", formats.SLACK_WORKSPACE),
        channel_id=block.optional_text("channel_id", formats.SLACK_CHANNEL),
        webhook_secret_arn=block.optional_text("webhook_secret_arn", formats.secret(hub_region)),
    )
    for key, other in (("workspace_id", "channel_id"), ("channel_id", "workspace_id")):
        if block.has(other) and not block.has(key):
            block.refuse(key, f"the id that belongs to slack.{other}: the two go together")
    block.refuse_unknown()
    return slack


def _exemptions(reader: ConfigReader, unit: Format) -> tuple[Exemption, ...]:
    exemptions = tuple(_exemption(block, unit) for block in reader.blocks("exemptions"))
    size = len(compact_json([exemption.to_detail() for exemption in exemptions]).encode())
    if size > MAX_EXEMPTIONS_BYTES:
        reader.refuse(
            "exemptions",
            f"at most {MAX_EXEMPTIONS_BYTES} bytes as JSON, what a function's environment can hold"
            " (shorten the reasons, or exempt an OU)",
            f"{len(exemptions)} exemptions of {size} bytes",
        )
    return exemptions


def _exemption(block: ConfigReader, unit: Format) -> Exemption:
    if block.has("account") == block.has("ou"):
        block.refuse_whole('either "account" or "ou"')
    exemption = Exemption(
        account=block.optional_text("account", formats.ACCOUNT),
        organizational_unit=block.optional_text("ou", unit),
        reason=block.text("reason", formats.SENTENCE),
        until=block.text("until", formats.DATE),
    )
    block.refuse_unknown()
    return exemption
