"""Every event pattern of accounts and of root.

AWS events reach a bus at most once in each Region, best effort, so several patterns may report the
same account; the functions recognise repetitions.
"""

from dataclasses import replace

from rootwarden.contract import detail_types
from rootwarden.contract.pattern import (
    API_CALL,
    CONSOLE_ACTION,
    SERVICE_EVENT,
    SIGN_IN,
    EventAccount,
    EventPattern,
)
from rootwarden.contract.root_callers import AS_ROOT, BY_A_PERSON, OF_ROOTS_CREDENTIALS

_USER_GUIDE = "https://docs.aws.amazon.com"

CREATE_ACCOUNT_RESULT = EventPattern(
    name="CreateAccountResult",
    reason="The end of an account's creation. FAILED ones come too and end as a skip that says why.",
    reference=f"{_USER_GUIDE}/organizations/latest/userguide/orgs_cloudtrail-integration.html",
    source=("aws.organizations",),
    detail_type=(SERVICE_EVENT,),
    detail={"eventName": ["CreateAccountResult"]},
    origin=EventAccount.MANAGEMENT_ACCOUNT,
)

ACCOUNT_JOINED_ORGANIZATION = EventPattern(
    name="AccountJoinedOrganization",
    reason="Created or invited accounts alike. Since May 2026; its detail-type is not documented,"
    " so both are taken.",
    reference=f"{_USER_GUIDE}/organizations/latest/userguide/orgs_cloudtrail-integration.html",
    source=("aws.organizations",),
    detail_type=(SERVICE_EVENT, API_CALL),
    detail={"eventName": ["AccountJoinedOrganization"]},
    origin=EventAccount.MANAGEMENT_ACCOUNT,
)

ACCEPT_HANDSHAKE = EventPattern(
    name="AcceptHandshake",
    reason="An invited account keeps the root credentials it had, and accepting the invitation is"
    " the oldest sign of it. The function tells other handshakes apart.",
    reference=f"{_USER_GUIDE}/organizations/latest/APIReference/API_AcceptHandshake.html",
    source=("aws.organizations",),
    detail_type=(API_CALL, SERVICE_EVENT),
    detail={"eventName": ["AcceptHandshake"]},
    origin=EventAccount.MANAGEMENT_ACCOUNT,
)

CONTROL_TOWER_ACCOUNT = EventPattern(
    name="ControlTowerAccount",
    reason="Control Tower ends its own set-up later than Organizations; a retried enrolment reports"
    " UpdateManagedAccount instead of Create. Automatic enrolment enables baselines instead.",
    reference=f"{_USER_GUIDE}/controltower/latest/userguide/lifecycle-events.html",
    source=("aws.controltower",),
    detail_type=(SERVICE_EVENT,),
    detail={
        "eventName": [
            *("CreateManagedAccount", "UpdateManagedAccount"),
            *("EnableBaseline", "UpdateEnabledBaseline"),
        ]
    },
    origin=EventAccount.MANAGEMENT_ACCOUNT,
)

ACCOUNT_DEPARTED_ORGANIZATION = EventPattern(
    name="AccountDepartedOrganization",
    reason="An account outside the organization is out of reach: what is known of it is forgotten."
    " Since May 2026; its detail-type is not documented, so both are taken.",
    reference=f"{_USER_GUIDE}/organizations/latest/userguide/orgs_cloudtrail-integration.html",
    source=("aws.organizations",),
    detail_type=(SERVICE_EVENT, API_CALL),
    detail={"eventName": ["AccountDepartedOrganization"]},
    origin=EventAccount.MANAGEMENT_ACCOUNT,
)

CLOSE_ACCOUNT_RESULT = EventPattern(
    name="CloseAccountResult",
    reason="A closed account can no longer be entered; CloseAccount itself only starts the closing.",
    reference=f"{_USER_GUIDE}/organizations/latest/userguide/orgs_cloudtrail-integration.html",
    source=("aws.organizations",),
    detail_type=(SERVICE_EVENT,),
    detail={"eventName": ["CloseAccountResult"]},
    origin=EventAccount.MANAGEMENT_ACCOUNT,
)

ROOT_SIGN_IN = EventPattern(
    name="RootSignIn",
    reason="Sign-ins, failed ones, password recovery, changes of password and e-mail address of root.",
    reference=f"{_USER_GUIDE}/awscloudtrail/latest/userguide/"
    "cloudtrail-event-reference-aws-console-sign-in-events.html",
    source=("aws.signin",),
    detail_type=SIGN_IN,
    detail={"$or": list(AS_ROOT)},
)

# `aws login`: read-only calls of the sign-in service, in the Region of the person.
_CLI_LOGIN = ("AuthorizeOAuth2Access", "CreateOAuth2Token")

ROOT_API_CALL = EventPattern(
    name="RootApiCall",
    reason="Any call made as root, also on account and billing pages, and in sessions that a root key"
    " handed out. A call that a service makes for the account also shows Root, but names the service in"
    " invokedBy: of these, what touches root's own credentials. `aws login` has a rule of its own.",
    reference=f"{_USER_GUIDE}/prescriptive-guidance/latest/patterns/monitor-iam-root-user-activity.html",
    source=("aws.*",),
    detail_type=(API_CALL, CONSOLE_ACTION),
    detail={
        "eventType": [{"anything-but": "AwsServiceEvent"}],
        "$or": [
            *({**caller, "eventName": [{"anything-but": list(_CLI_LOGIN)}]} for caller in BY_A_PERSON),
            OF_ROOTS_CREDENTIALS,
        ],
    },
)

ROOT_CLI_LOGIN = EventPattern(
    name="RootCliLogin",
    reason="`aws login` gives a command line root's credentials for 12 hours, and needs no permission."
    " Its calls count as read-only, which a plainly enabled rule never sees.",
    reference=f"{_USER_GUIDE}/cli/latest/userguide/cli-configure-sign-in.html",
    source=("aws.*",),
    detail_type=(API_CALL,),
    detail={
        "eventSource": ["signin.amazonaws.com"],
        "eventName": list(_CLI_LOGIN),
        "$or": list(AS_ROOT),
    },
    read_only_calls=True,
)

# Our own sessions' calls that prove an account's alarm path: the audit's only call, which CloudTrail
# records in us-east-1, and the one that a session makes in every other Region.
COVERAGE_PROBE = EventPattern(
    name="CoverageProbe",
    reason="The record of a sweep's own root session proves that this account's root activity arrives"
    " here. Both calls are read-only: a plainly enabled rule never sees them.",
    reference=f"{_USER_GUIDE}/IAM/latest/UserGuide/cloudtrail-track-privileged-tasks.html",
    source=("aws.iam", "aws.sts"),
    detail_type=(API_CALL,),
    detail={
        "eventName": ["GetAccountSummary", "GetCallerIdentity"],
        "userIdentity": {"type": ["Root"], "sessionContext": {"assumedRoot": ["true"]}},
    },
    read_only_calls=True,
)

ASSUME_ROOT = EventPattern(
    name="AssumeRoot",
    reason="A root session begins. The caller's role shows whose it is. STS calls"
    " may count as read-only, which a plainly enabled rule never sees.",
    reference=f"{_USER_GUIDE}/IAM/latest/UserGuide/cloudtrail-track-privileged-tasks.html",
    source=("aws.sts",),
    detail_type=(API_CALL,),
    detail={"eventName": ["AssumeRoot"]},
    read_only_calls=True,
)

# In the hub each is on a queue of its own. One of the two takes whatever ASSUME_ROOT forwards.
ASSUME_ROOT_ADMITTED = replace(ASSUME_ROOT, detail={**ASSUME_ROOT.detail, "errorCode": [{"exists": False}]})
ASSUME_ROOT_REFUSED = replace(
    ASSUME_ROOT,
    name="AssumeRootRefused",
    reason="Anybody in a member account can ask for root sessions in a loop, and is refused each time.",
    detail={**ASSUME_ROOT.detail, "errorCode": [{"exists": True}]},
)

ROOT_ACCESS_FEATURES = EventPattern(
    name="RootAccessFeatures",
    reason="A delegated administrator can disable the features though only the management account"
    " can enable them, so this is taken from every account.",
    reference=f"{_USER_GUIDE}/IAM/latest/APIReference/API_DisableOrganizationsRootCredentialsManagement.html",
    source=("aws.iam",),
    detail_type=(API_CALL,),
    detail={
        "eventName": [
            {"prefix": "EnableOrganizationsRoot"},
            {"prefix": "DisableOrganizationsRoot"},
        ]
    },
)

IAM_TRUSTED_ACCESS = EventPattern(
    name="IamTrustedAccess",
    reason="Without IAM's trusted access no root session can be had, ours included.",
    reference=f"{_USER_GUIDE}/organizations/latest/APIReference/API_DisableAWSServiceAccess.html",
    source=("aws.organizations",),
    detail_type=(API_CALL,),
    detail={
        "eventName": ["EnableAWSServiceAccess", "DisableAWSServiceAccess"],
        "requestParameters": {"servicePrincipal": ["iam.amazonaws.com"]},
    },
    origin=EventAccount.MANAGEMENT_ACCOUNT,
)

IAM_DELEGATED_ADMINISTRATOR = EventPattern(
    name="IamDelegatedAdministrator",
    reason="Whoever is IAM's delegated administrator may enter every member account as root.",
    reference=f"{_USER_GUIDE}/organizations/latest/APIReference/API_RegisterDelegatedAdministrator.html",
    source=("aws.organizations",),
    detail_type=(API_CALL,),
    detail={
        "eventName": ["RegisterDelegatedAdministrator", "DeregisterDelegatedAdministrator"],
        "requestParameters": {"servicePrincipal": ["iam.amazonaws.com"]},
    },
    origin=EventAccount.MANAGEMENT_ACCOUNT,
)

ORGANIZATION_DEPLOYED = EventPattern(
    name="OrganizationDeployed",
    reason="The organization's stack is there, or was changed: a sweep shows what there is now. The hub is"
    " deployed before it, when there is nothing to sweep yet.",
    reference=f"{_USER_GUIDE}/AWSCloudFormation/latest/UserGuide/eventbridge-event-reference.html",
    source=("aws.cloudformation",),
    detail_type=("CloudFormation Stack Status Change",),
    detail={
        "stack-id": [{"wildcard": "arn:*:stack/RootWardenOrganization/*"}],
        "status-details": {"status": ["CREATE_COMPLETE", "UPDATE_COMPLETE"]},
    },
    origin=EventAccount.MANAGEMENT_ACCOUNT,
)

OUTCOMES = EventPattern(
    name="Outcomes",
    reason="Everything rootwarden did or found; the bus lets nobody else send with this source.",
    reference="docs/events.md",
    source=(detail_types.SOURCE,),
    detail_type=detail_types.OUTCOMES,
    origin=EventAccount.HUB_ACCOUNT,
)

RECOVERY_WINDOW_CLOSED = EventPattern(
    name="RecoveryWindowClosed",
    reason="Root credentials made while password recovery was allowed go again, but keys used lately.",
    reference="docs/events.md",
    source=(detail_types.SOURCE,),
    detail_type=(detail_types.RECOVERY_WINDOW_CHANGE,),
    detail={"change": ["closed"]},
    origin=EventAccount.HUB_ACCOUNT,
)

ROOT_SESSIONS_NOT_RECORDED = EventPattern(
    name="RootSessionsNotRecorded",
    reason="Root sessions of ours that the state table did not take. They were never used: that they were"
    " opened is no alert, and any use of them is.",
    reference="docs/events.md",
    source=(detail_types.SOURCE,),
    detail_type=(detail_types.ROOT_SESSIONS_NOT_RECORDED,),
    origin=EventAccount.HUB_ACCOUNT,
)

ACCOUNT_JOINED = (
    CREATE_ACCOUNT_RESULT,
    ACCOUNT_JOINED_ORGANIZATION,
    ACCEPT_HANDSHAKE,
    CONTROL_TOWER_ACCOUNT,
)
ACCOUNT_LEFT = (ACCOUNT_DEPARTED_ORGANIZATION, CLOSE_ACCOUNT_RESULT)
# What can happen in any account, and what can happen in the management account alone.
ROOT_ACTIVITY = (
    ROOT_SIGN_IN,
    ROOT_API_CALL,
    ROOT_CLI_LOGIN,
    ASSUME_ROOT,
    ROOT_ACCESS_FEATURES,
    COVERAGE_PROBE,
)
TAMPERING = (IAM_TRUSTED_ACCESS, IAM_DELEGATED_ADMINISTRATOR)
# What the bus takes in from elsewhere.
FORWARDED = (*ACCOUNT_JOINED, *ACCOUNT_LEFT, *ROOT_ACTIVITY, *TAMPERING, ORGANIZATION_DEPLOYED)


def root_activity(*, read_only_calls: bool) -> tuple[EventPattern, ...]:
    """Return what to watch in every account, with root's read-only calls or without.

    With them RootApiCall takes the probes too: a rule of their own would send each a second time.
    """
    return tuple(
        replace(pattern, read_only_calls=pattern.read_only_calls or read_only_calls)
        for pattern in ROOT_ACTIVITY
        if not (read_only_calls and pattern is COVERAGE_PROBE)
    )


def root_activity_in_hub(*, read_only_calls: bool) -> tuple[EventPattern, ...]:
    """Return what to take of what is watched in every account, but for refused root sessions."""
    return tuple(
        ASSUME_ROOT_ADMITTED if pattern.name == ASSUME_ROOT.name else pattern
        for pattern in root_activity(read_only_calls=read_only_calls)
    )
