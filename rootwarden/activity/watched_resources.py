"""Which of the watch's own resources a call names, and whose they are.

CloudFormation begins the names it makes up with the stack's name, cut at some 24 characters where a
name may have 64, so the beginnings here are shorter than that.
"""

import re
from dataclasses import dataclass
from enum import Enum

from rootwarden.activity.classification import was_refused_or_failed
from rootwarden.cloudtrail import CloudTrailRecord
from rootwarden.contract.names import (
    CANARY_STACK_SET,
    LONGEST_BEGINNING,
    STACK_SET,
    beginning,
    without_prefix,
)
from rootwarden.events import AccountId

# The second one is there where canary units are configured.
STACK_SETS = (STACK_SET, CANARY_STACK_SET)
BUS = "rootwarden"
HUB = "RootWardenHub"
ORGANIZATION = "RootWardenOrganization"
IN_REGION = "RootWardenForwarding-"
_INSTANCES = "StackSet-rootwarden-"
STACK_SETS_ROLE = "stacksets-exec-"
# IAM tells names apart by no case, and logs them as the caller wrote them. The last begins like others.
_ROLES = (ORGANIZATION, IN_REGION, HUB, _INSTANCES, STACK_SETS_ROLE, BUS)
# The bus that the rules of each account are on, which AWS deletes for nobody.
DEFAULT_BUS = "default"
UPDATE_BUS = "UpdateEventBus"
# In place of its name, where a refused call was on a bus that is none of ours, or that nothing says.
OTHER_BUS = "another bus"
# No ARN before it has a space.
_REFUSED_BUS = re.compile(r" on resource: arn:[\w-]+:events:[^ ]*:event-bus/([\w./-]+)", re.ASCII)
# Rules take a little more than what is ours, since their patterns know beginnings only.
_LIKE_OURS = ("RootWarden", "rootwarden")
# Where a call says what it acts on, by service. The first that is there counts.
NAMED_BY = {
    "events.amazonaws.com": ("name", "rule", "eventBusName"),
    "iam.amazonaws.com": ("roleName",),
    "sqs.amazonaws.com": ("queueUrl",),
    "cloudformation.amazonaws.com": ("stackSetName", "stackName"),
    "lambda.amazonaws.com": ("functionName",),
    "sns.amazonaws.com": ("topicArn", "subscriptionArn", "resourceArn"),
    "dynamodb.amazonaws.com": ("tableName",),
}
_LAMBDA = "lambda.amazonaws.com"
# What a call on a function names, and what one on an event source mapping joins: its id says nothing.
_FUNCTIONS_AND_SOURCES = (
    ("requestParameters", "functionName"),
    ("responseElements", "functionArn"),
    ("responseElements", "eventSourceArn"),
    ("requestParameters", "eventSourceArn"),
)
_KINDS_IN_ARNS = ("stack", "stackset", "function", "table", "event-bus", "rule", "role")


class DeployedBy(Enum):
    """By what a resource of ours is deployed."""

    STACK_INSTANCE = "the StackSet's stack in this account"
    ORGANIZATION = "the stacks of the management account"
    HUB = "the hub's stack"


@dataclass(frozen=True)
class WatchedResource:
    """A resource of ours, by its name. owner None: it is called like ours, where none of ours is.

    prefix: what this deployment puts before its names; plain: the name without it.
    """

    name: str
    owner: DeployedBy | None
    prefix: str = ""

    @property
    def plain(self) -> str:
        """The name without the prefix."""
        return without_prefix(self.name, self.prefix) or self.name


def watched_resource(
    record: CloudTrailRecord, management_account_id: AccountId, hub_account_id: AccountId, prefix: str = ""
) -> WatchedResource | None:
    """Return the resource of ours that a call acts on; None where it acts on something else."""
    name = _updated_bus(record, prefix) if record.event_name == UPDATE_BUS else _named(record, prefix)
    if record.event_name == UPDATE_BUS and name in {DEFAULT_BUS, OTHER_BUS}:
        return WatchedResource(name, DeployedBy.STACK_INSTANCE if name == DEFAULT_BUS else None, prefix)
    if name and record.event_source == "iam.amazonaws.com":
        name = _spelled_as_ours(name, prefix)
    plain = None if name is None else without_prefix(name, prefix)
    if name is None or plain is None:
        return None
    owner = _owner(record.event_source, plain, longest=LONGEST_BEGINNING - len(prefix))
    if owner is None:
        return WatchedResource(name, None, prefix) if plain.startswith(_LIKE_OURS) else None
    account = {DeployedBy.ORGANIZATION: management_account_id, DeployedBy.HUB: hub_account_id}.get(owner)
    is_there = account in {None, record.account_id}
    is_ours = is_there or (plain in STACK_SETS and is_by_administrator(record))
    return WatchedResource(name, owner if is_ours else None, prefix)


def is_by_administrator(record: CloudTrailRecord) -> bool:
    """Say whether StackSets' delegated administrator called: logged in that member, done in management."""
    called_as = record.detail.optional_text("requestParameters", "callAs")
    return record.event_source == "cloudformation.amazonaws.com" and called_as == "DELEGATED_ADMIN"


def names_watched_resource(record: CloudTrailRecord, prefix: str = "") -> bool:
    """Say whether a call names what is called like a resource of ours, in whichever account."""
    return watched_resource(record, record.account_id, record.account_id, prefix) is not None


def _spelled_as_ours(name: str, prefix: str) -> str:
    for each in _ROLES:
        ours = beginning(each, prefix)
        if name.lower().startswith(ours.lower()):
            return ours + name[len(ours) :]
    return name


def _owner(source: str, name: str, *, longest: int) -> DeployedBy | None:
    service = source.removesuffix(".amazonaws.com")
    if name == ORGANIZATION or name.startswith((f"{ORGANIZATION}-"[:longest], IN_REGION[:longest])):
        return DeployedBy.ORGANIZATION
    if name == HUB or name.startswith(f"{HUB}-") or (service == "iam" and name.startswith("rootwarden-")):
        return DeployedBy.HUB
    if name.startswith(_INSTANCES[:longest]):
        return DeployedBy.STACK_INSTANCE
    # A rule that others put on the bus is their own: it has a name, which comes before the bus's.
    if (service, name) == ("events", BUS):
        return DeployedBy.HUB
    if service == "cloudformation" and name in STACK_SETS:
        return DeployedBy.ORGANIZATION
    is_members = (service == "iam" and name.startswith(STACK_SETS_ROLE)) or (
        service == "sqs" and name.startswith("rootwarden-")
    )
    return DeployedBy.STACK_INSTANCE if is_members else None


def _named(record: CloudTrailRecord, prefix: str) -> str | None:
    if record.event_source == _LAMBDA:
        names = _functions_and_sources(record)
        return next((name for name in names if _is_hubs(name, prefix)), next(iter(names), None))
    for field in NAMED_BY.get(record.event_source, ()):
        found = record.detail.optional_text("requestParameters", field)
        if found:
            return own_name(found)
    return None


def _functions_and_sources(record: CloudTrailRecord) -> tuple[str, ...]:
    found = (record.detail.optional_text(*path) for path in _FUNCTIONS_AND_SOURCES)
    return tuple(own_name(text) for text in found if text)


def _is_hubs(name: str, prefix: str) -> bool:
    return (without_prefix(name, prefix) or "").startswith(f"{HUB}-")


def joins_others(record: CloudTrailRecord, resource: WatchedResource) -> bool:
    """Say whether a call is on an event source mapping of ours and another's: no template makes such."""
    if record.event_source != _LAMBDA or "EventSourceMapping" not in record.event_name:
        return False
    return not all(_is_hubs(name, resource.prefix) for name in _functions_and_sources(record))


def _updated_bus(record: CloudTrailRecord, prefix: str) -> str:
    """Return the bus of a call that may name none: then it is the default one.

    What a refused call asks for CloudTrail leaves out; AWS's message may say on which bus it was.
    """
    if named := _named(record, prefix):
        return named
    if not was_refused_or_failed(record):
        return DEFAULT_BUS
    said = _REFUSED_BUS.search(record.error_message or "")
    return said[1] if said and said[1] in {DEFAULT_BUS, f"{prefix}{BUS}"} else OTHER_BUS


def own_name(text: str) -> str:
    """Return a resource's own name, given its name, ARN or URL."""
    if "://" in text or ":" not in text:
        return text.rpartition("/")[2]
    resource = re.sub("^arn(:[^:]*){4}:", "", text)
    _, partial, function = resource.partition(":function:")
    parts = re.split("[/:]", function if partial else resource)
    return parts[1] if parts[0] in _KINDS_IN_ARNS and len(parts) > 1 else parts[0]
