"""The text of rootwarden.yaml: what was looked up and answered, with comments for who edits it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from string import Template

from rootctl.output import counted
from rootctl.setting_up.organization_facts import ControlTower, OrganizationFacts
from rootwarden.accounts import Account
from rootwarden.inert_text import one_line
from rootwarden.refusals import CallRefused

_MOST_UNITS = 40
_TEXT = Template("""\
# yaml-language-server: $$schema=docs/configuration.schema.json
# What rootwarden is deployed with. docs/configuration.md describes every key; make synth checks this file.

# The organization.
management_account_id: $management
organization_id: $organization
organization_root_id: $root

# Where rootwarden runs: $hub_name.
hub_account_id: $hub
hub_region: $region

# Who gets alerts and alarms. AWS asks each address to confirm.
alert_emails:
$emails

$slack

# When every account is audited, and whether what that finds is only reported (observe) or removed (enforce).
sweep:
  schedule: $schedule
  mode: $mode

# Whether root credentials of accounts that were created, were invited, or existed before are removed when an
# event names the account (enforce), or only reported (observe). docs/deploying.md: when to enforce which.
hardening:
  created: enforce
  invited: enforce
  existing: observe
  # A password or key used within so many days is left for a person to decide; 0: nothing is left.
  keep_used_within_days: 30

# For how many hours a recovery window may be open at most.
recovery:
  max_hours: $hours

$control_tower

$forwarding

# Accounts or units to leave alone, each with a reason and an end.
# exemptions:
#   - account: "555566667777"
#     reason: Being migrated
#     until: 2027-01-31

# Units whose accounts are watched, if not all; units that get the deny-root policy (docs/guard-rail.md).
# member_organizational_units: []
# deny_root_organizational_units: []
$units
""")
_NO_SLACK = """\
# Slack: docs/configuration.md says where these are found.
# slack:
#   workspace_id: T012AB3C4D
#   channel_id: C012AB3C4D"""

_GOVERNED = """\
# Root activity is forwarded from the Regions that Control Tower governs, and from us-east-1: the StackSet
# fails in Regions that are denied. Where members may use the others, take ["default"].
forwarding_regions:"""
_DEFAULT_REGIONS = """\
# Root activity is forwarded from the 17 Regions that every account has. Where a policy denies Regions, name
# those that it allows, us-east-1 included: the StackSet fails in the others.
# forwarding_regions: [us-east-1, eu-central-1]"""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What only a person knows. control_tower: the home Region, where AWS did not say."""

    hub: Account
    region: str
    emails: tuple[str, ...]
    slack: dict[str, str]
    schedule: str
    mode: str
    hours: int
    control_tower: str | None


def configuration_text(facts: OrganizationFacts, answers: Answers) -> str:
    """Return the file's text."""
    return _TEXT.substitute(
        management=_quoted(facts.management_account_id),
        organization=_quoted(facts.organization_id),
        root=_quoted(facts.root_id),
        hub_name=_hub_name(facts, answers.hub),
        hub=_quoted(answers.hub.account_id),
        region=_quoted(answers.region),
        emails="\n".join(f"  - {_quoted(each)}" for each in answers.emails),
        slack=_slack(answers.slack),
        schedule=_quoted(answers.schedule),
        mode=_quoted(answers.mode),
        hours=answers.hours,
        control_tower=_control_tower(facts.control_tower, answers.control_tower),
        forwarding=_forwarding(facts.control_tower, answers.control_tower),
        units="\n".join(_units(facts)),
    )


def _hub_name(facts: OrganizationFacts, hub: Account) -> str:
    if hub.account_id == facts.management_account_id:
        return "the management account"
    return f"{_comment(hub.name)}, which becomes IAM's delegated administrator"


def _slack(slack: dict[str, str]) -> str:
    if not slack:
        return _NO_SLACK
    return "\n".join(
        ["# Messages in Slack.", "slack:", *(f"  {key}: {_quoted(each)}" for key, each in slack.items())]
    )


def _control_tower(found: ControlTower | CallRefused | None, answered: str | None) -> str:
    region = answered or (found.home_region if isinstance(found, ControlTower) else None)
    if region:
        told = "# Control Tower's events are forwarded from its home Region."
        return f"{told}\ncontrol_tower_home_region: {_quoted(region)}"
    if isinstance(found, CallRefused):
        return (
            f"# It is not known whether there is a Control Tower: {_comment(str(found))}\n"
            "# If there is one, name its home Region.\n# control_tower_home_region: us-east-1"
        )
    return "# The organization has no Control Tower.\ncontrol_tower_home_region: null"


def _forwarding(found: ControlTower | CallRefused | None, answered: str | None) -> str:
    """Name the governed Regions: where Control Tower denies the others, StackSets fails in them."""
    governed = found.governed if isinstance(found, ControlTower) else found
    if isinstance(governed, tuple):
        return "\n".join([_GOVERNED, *(f"  - {_quoted(region)}" for region in governed)])
    if not (answered or isinstance(found, ControlTower)):
        return _DEFAULT_REGIONS
    reason = _comment(str(governed)) if governed else "AWS names no Control Tower"
    return f"# Which Regions Control Tower governs is not known: {reason}\n{_DEFAULT_REGIONS}"


def _units(facts: OrganizationFacts) -> Iterator[str]:
    yield "# The organization's units:" if facts.units else "# The organization has no units."
    for unit, path in list(facts.units.items())[:_MOST_UNITS]:
        yield f"#   {unit}  {_comment(path)}"
    if len(facts.units) > _MOST_UNITS:
        yield f"#   and {counted(len(facts.units) - _MOST_UNITS, 'more unit')}"


def _quoted(text: str) -> str:
    """Return a text as JSON writes it, which is YAML."""
    return json.dumps(text, ensure_ascii=False)


def _comment(text: str | None) -> str:
    """Return what a stranger wrote so that it stays within its comment."""
    return one_line(text or "an account without a name")
