"""The patterns besides root's own acts: steps before a takeover, ways out, the watch itself touched.

Resources of the watch are matched by the beginnings of their names, which CloudFormation makes of the
stack's name, cut at some 24 characters where a name may have 64. What root does is left to ROOT_API_CALL,
unless a service calls for it, so that no event comes twice; only the hub's own watch takes it too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rootwarden.contract.pattern import API_CALL, EventAccount, EventPattern
from rootwarden.contract.root_callers import CONSOLE, MCP_SERVERS

if TYPE_CHECKING:
    from collections.abc import Sequence


_USER_GUIDE = "https://docs.aws.amazon.com"
# Root's own calls name in invokedBy no service, an MCP server, or the console while root is signed in to it.
_NOT_ROOT_ITSELF = {
    "$or": [
        {"type": [{"anything-but": "Root"}]},
        {"invokedBy": [{"anything-but": {"suffix": [*CONSOLE, MCP_SERVERS]}}]},
        {
            "invokedBy": CONSOLE,
            "sessionContext": {"attributes": {"creationDate": [{"exists": False}]}},
        },
    ]
}
# Where a trail logs data events, each message and each invocation comes too. Old records have no category.
_CHANGES = [{"anything-but": "Data"}, {"exists": False}]
# Who gives it a key of their own can take it away: then no rule of the account matches. It is also the bus
# that a call means which names none. A refused call has no name in its record, whichever bus it was on.
_DEFAULT_BUS = ["default", {"wildcard": "*:event-bus/default"}, {"exists": False}]
_INSTANCES = "StackSet-rootwarden-"
_STACKS = ("RootWardenOrganization", "RootWardenForwarding-")
_HUB = "RootWardenHub"
_POLICY_CALLS = ("DetachPolicy", "UpdatePolicy", "DeletePolicy")
_STACK_CALLS = (
    "CreateStack",
    "UpdateStack",
    "ExecuteChangeSet",
    "DeleteStack",
    "ContinueUpdateRollback",
    "RollbackStack",
)
_STACK_SETS = ("stacksets.cloudformation.amazonaws.com", "member.org.stacksets.cloudformation.amazonaws.com")


def _begins(*beginnings: str) -> list[dict[str, str]]:
    return [{"prefix": beginning} for beginning in beginnings]


def _begins_in_any_case(*beginnings: str) -> list[dict[str, dict[str, str]]]:
    return [{"prefix": {"equals-ignore-case": beginning}} for beginning in beginnings]


def _like(*texts: str) -> list[dict[str, str]]:
    return [{"wildcard": text} for text in texts]


def _rules(*stacks: str) -> list[dict[str, Any]]:
    calls = {
        "name": ["DeleteRule", "DisableRule", "EnableRule", "PutRule"],
        "rule": ["PutTargets", "RemoveTargets"],
    }
    return [
        {"eventName": names, "requestParameters": {field: _begins(*stacks)}} for field, names in calls.items()
    ]


def _stacks(*stacks: str) -> dict[str, Any]:
    """Match calls on stacks, which people name and consoles give by ARN."""
    named = [*_begins(*stacks), *_like(*(f"*:stack/{stack}*" for stack in stacks))]
    return {"eventName": list(_STACK_CALLS), "requestParameters": {"stackName": named}}


def _queues(beginning: str) -> dict[str, Any]:
    """Match calls on queues, which SQS takes by their bare names as well."""
    # Tags change nothing of the watch, and tools put them on everything.
    return {
        "eventName": [{"anything-but": ["TagQueue", "UntagQueue"]}],
        "requestParameters": {"queueUrl": [*_begins(beginning), *_like(f"*/{beginning}*")]},
    }


TAKEOVER_STEP = EventPattern(
    name="TakeoverStep",
    reason="Root's e-mail address, the primary contact, the sign-in guard, an account's ways out of the"
    " organization, and the trails that events come by: by any principal, done or refused.",
    reference=f"{_USER_GUIDE}/accounts/latest/reference/API_StartPrimaryEmailUpdate.html",
    source=("aws.account", "aws.cloudtrail", "aws.organizations", "aws.signin"),
    detail_type=(API_CALL,),
    detail={
        "userIdentity": _NOT_ROOT_ITSELF,
        "eventName": [
            "StartPrimaryEmailUpdate",
            "AcceptPrimaryEmailUpdate",
            "PutContactInformation",
            "AcceptHandshake",
            "LeaveOrganization",
            "RemoveAccountFromOrganization",
            "CloseAccount",
            "StopLogging",
            "DeleteTrail",
            "UpdateTrail",
            "PutEventSelectors",
            "PutConsoleAuthorizationConfiguration",
            "DeleteConsoleAuthorizationConfiguration",
            "PutResourcePermissionStatement",
            "DeleteResourcePermissionStatement",
        ],
    },
)

# The management account itself leaves nothing, and sends what it sees of handshakes by ACCEPT_HANDSHAKE.
_TAKEOVER_STEP_IN_MANAGEMENT = replace(
    TAKEOVER_STEP,
    detail={
        **TAKEOVER_STEP.detail,
        "eventName": [name for name in TAKEOVER_STEP.detail["eventName"] if name != "AcceptHandshake"],
    },
)

SIGN_IN_ANOMALY = EventPattern(
    name="SignInAnomaly",
    reason="AWS Sign-In itself finds a sign-in unusual; this needs no trail. Its fields are hardly"
    " documented, so the function looks whether it is root's.",
    reference=f"{_USER_GUIDE}/signin/latest/userguide/what-is-sign-in.html",
    source=("aws.signin",),
    detail_type=("Sign-in Anomaly Alert",),
)

FORWARDING_TOUCHED = EventPattern(
    name="ForwardingTouched",
    reason="Rules, roles, queues and stacks of the watch in members and in the management account are changed"
    " or taken down, or the bus that the rules are on. Who may do so, the function decides.",
    reference=f"{_USER_GUIDE}/eventbridge/latest/userguide/eb-create-pattern-operators.html",
    source=("aws.events", "aws.iam", "aws.sqs", "aws.cloudformation"),
    detail_type=(API_CALL,),
    detail={
        "eventCategory": _CHANGES,
        "userIdentity": _NOT_ROOT_ITSELF,
        "$or": [
            *_rules(_INSTANCES, *_STACKS),
            {
                "eventName": [{"anything-but": ["TagRole", "UntagRole"]}],
                # IAM is logged in us-east-1, wherever the hub is: its roles are watched from here too.
                # It takes names in any case, and logs them as the caller wrote them.
                "requestParameters": {
                    "roleName": _begins_in_any_case(_INSTANCES, "rootwarden", "stacksets-exec-")
                },
            },
            _queues("rootwarden-"),
            _stacks(_INSTANCES, *_STACKS),
            {"requestParameters": {"stackSetName": _begins("rootwarden-forwarding")}},
            {"eventName": ["DeactivateOrganizationsAccess"]},
            {"eventName": ["UpdateEventBus"], "requestParameters": {"name": _DEFAULT_BUS}},
        ],
    },
)

HUB_TOUCHED = EventPattern(
    name="HubTouched",
    reason="The hub's own buses, rules, queues, topics, table and stack are changed or taken down, by root as"
    " well. Seen on the account's default bus, so that it holds without the bus rootwarden.",
    reference=f"{_USER_GUIDE}/eventbridge/latest/userguide/eb-create-pattern-operators.html",
    source=("aws.events", "aws.sqs", "aws.sns", "aws.dynamodb", "aws.cloudformation"),
    detail_type=(API_CALL,),
    detail={
        "eventCategory": _CHANGES,
        "$or": [
            *_rules(f"{_HUB}-"),
            # A rule that others put on the bus is their own.
            {
                "eventName": ["PutPermission", "RemovePermission"],
                "requestParameters": {"eventBusName": ["rootwarden", *_like("*:event-bus/rootwarden")]},
            },
            {
                "eventName": ["UpdateEventBus", "DeleteEventBus"],
                "requestParameters": {"name": ["rootwarden", *_like("*:event-bus/rootwarden")]},
            },
            {"eventName": ["UpdateEventBus"], "requestParameters": {"name": _DEFAULT_BUS}},
            _queues(f"{_HUB}-"),
            # Subscribing and confirming is what people do with a topic.
            {
                "eventName": ["DeleteTopic", "SetTopicAttributes", "AddPermission", "RemovePermission"],
                "requestParameters": {"topicArn": _like(f"*:{_HUB}-*")},
            },
            # It can refuse each message, or mask what is in it.
            {
                "eventName": ["PutDataProtectionPolicy"],
                "requestParameters": {"resourceArn": _like(f"*:{_HUB}-*")},
            },
            {
                "eventName": ["Unsubscribe", "SetSubscriptionAttributes"],
                "requestParameters": {"subscriptionArn": _like(f"*:{_HUB}-*")},
            },
            {
                "eventName": ["DeleteTable"],
                "requestParameters": {"tableName": [*_begins(f"{_HUB}-"), *_like(f"*:table/{_HUB}-*")]},
            },
            _stacks(_HUB),
        ],
    },
    origin=EventAccount.HUB_ACCOUNT,
)

HUB_FUNCTIONS_TOUCHED = EventPattern(
    name="HubFunctionsTouched",
    reason="The hub's own functions are changed or taken down, or their queues led to others. Event source"
    " mappings have ids that say nothing, so what they join is watched.",
    reference=f"{_USER_GUIDE}/lambda/latest/api/API_UpdateEventSourceMapping.html",
    source=("aws.lambda",),
    detail_type=(API_CALL,),
    detail={
        "eventCategory": _CHANGES,
        "$or": [
            {"requestParameters": {"functionName": [*_begins(f"{_HUB}-"), *_like(f"*:function:{_HUB}-*")]}},
            {"requestParameters": {"eventSourceArn": _like(f"*:{_HUB}-*")}},
            {"responseElements": {"eventSourceArn": _like(f"*:{_HUB}-*")}},
            {
                "eventName": _begins("DeleteEventSourceMapping", "UpdateEventSourceMapping"),
                "responseElements": {"functionArn": _like(f"*:function:{_HUB}-*")},
            },
        ],
    },
    origin=EventAccount.HUB_ACCOUNT,
)

WATCH_ACCESS = EventPattern(
    name="WatchAccess",
    reason="Without trusted access StackSets brings forwarding to no new account, and repairs none;"
    " CloudTrail deletes the organization's trail in every member, and events stop.",
    reference=f"{_USER_GUIDE}/organizations/latest/APIReference/API_DisableAWSServiceAccess.html",
    source=("aws.organizations",),
    detail_type=(API_CALL,),
    detail={
        "userIdentity": _NOT_ROOT_ITSELF,
        "$or": [
            {
                "eventName": ["DisableAWSServiceAccess"],
                "requestParameters": {"servicePrincipal": [*_STACK_SETS, "cloudtrail.amazonaws.com"]},
            },
            # What CloudTrail's administrator made, the management account keeps.
            {
                "eventName": ["DeregisterDelegatedAdministrator"],
                "requestParameters": {"servicePrincipal": list(_STACK_SETS)},
            },
        ],
    },
    origin=EventAccount.MANAGEMENT_ACCOUNT,
)

PROTECTING_POLICY = EventPattern(
    name="ProtectingPolicy",
    reason="A policy that protects root or the watch is detached, changed or deleted. Which ones do, the"
    " rules of the forwarding accounts know; the hub takes what they send.",
    reference=f"{_USER_GUIDE}/organizations/latest/APIReference/API_DetachPolicy.html",
    source=("aws.organizations",),
    detail_type=(API_CALL,),
    detail={"userIdentity": _NOT_ROOT_ITSELF, "eventName": [*_POLICY_CALLS, "DisablePolicyType"]},
)

# What can happen in any member, in the management account as well, and in the management account alone.
WATCH = (TAKEOVER_STEP, SIGN_IN_ANOMALY, FORWARDING_TOUCHED)
WATCH_IN_MANAGEMENT = (_TAKEOVER_STEP_IN_MANAGEMENT, *WATCH[1:])
WATCH_OF_ORGANIZATION = (WATCH_ACCESS,)
# Each a rule on the hub's default bus: together they would be longer than EventBridge takes.
HUB_WATCH = (HUB_TOUCHED, HUB_FUNCTIONS_TOUCHED)
# What the bus takes in from elsewhere besides event_patterns.FORWARDED.
WATCH_FORWARDED = (*WATCH, *WATCH_OF_ORGANIZATION, PROTECTING_POLICY)


def protecting_policies(ids: Sequence[Any]) -> tuple[EventPattern, ...]:
    """Return what to forward of changes to the policies with these ids; nothing where there are none.

    The ids may be known only to CloudFormation, by reference to the policy.
    """
    if not ids:
        return ()
    calls = [
        {"eventName": list(_POLICY_CALLS), "requestParameters": {"policyId": list(ids)}},
        {
            "eventName": ["DisablePolicyType"],
            "requestParameters": {"policyType": ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"]},
        },
    ]
    return (replace(PROTECTING_POLICY, detail={"userIdentity": _NOT_ROOT_ITSELF, "$or": calls}),)
