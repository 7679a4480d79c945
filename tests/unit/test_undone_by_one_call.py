"""What one call undoes: a role's policies and the default bus's key. That call itself is no new alarm."""

import re
import shlex
from typing import Any

import pytest

from rootwarden.activity.root_activity import Finding
from rootwarden.activity.watch import Watch
from rootwarden.contract.activities import Activity, Severity
from tests.unit.given import HUB, MANAGEMENT, MEMBER
from tests.unit.sample_events import record, sample

WATCH = Watch(management_account_id=MANAGEMENT, hub_account_id=HUB)
IN_MEMBER, IN_HUB = "StackSet-rootwarden-forw-ForwardingRole-1", "RootWardenHub-Role-1"
IN_MANAGEMENT = "RootWardenOrganization-ForwardingRole-1"
STACK_SETS = "stacksets-exec-0a1b"
KEY = {"kmsKeyIdentifier": "arn:aws:kms:us-east-1:444455556666:key/0f1e2d3c"}
REFUSED = {"errorCode": "AccessDenied"}


def judge(service: str, event: str, asked: dict[str, Any] | None, account: str, **changed: str) -> Finding:
    name = "default_bus_given_a_key"
    changed |= {"eventSource": f"{service}.amazonaws.com", "eventName": event}
    called = sample(name, **changed, requestParameters=asked) | {"account": account}
    found = WATCH.finding(record(called))
    assert found is not None
    return found


def run(command: str, account: str) -> Finding:
    """Judge the record of a command of the AWS command line."""
    _, service, operation, *options = shlex.split(command, comments=True)
    names = (re.sub("-(.)", lambda found: found[1].upper(), name[2:]) for name in options[::2])
    asked = dict(zip(names, options[1::2], strict=True))
    event = "".join(word.capitalize() for word in operation.split("-"))
    return judge(service, event, {name: value for name, value in asked.items() if name != "region"}, account)


ARN = {"policyArn": "arn:aws:iam::aws:policy/AWSDenyAll"}
TOPIC = {"resourceArn": f"arn:aws:sns:us-east-1:{HUB}:RootWardenHub-AlertTopic-1"}


@pytest.mark.parametrize(
    ("service", "event", "asked", "account"),
    [
        ("events", "UpdateEventBus", {"name": "default", **KEY}, MEMBER),
        ("events", "DisableRule", {"name": "StackSet-rootwarden-forw-Rule-1"}, MEMBER),
        ("events", "DisableRule", {"name": "RootWardenHub-Rule-1", "eventBusName": "rootwarden"}, HUB),
        ("sns", "PutDataProtectionPolicy", {**TOPIC, "dataProtectionPolicy": "{}"}, HUB),
        ("iam", "AttachRolePolicy", {"roleName": IN_MEMBER, **ARN}, MEMBER),
        ("iam", "AttachRolePolicy", {"roleName": IN_HUB, **ARN}, HUB),
        ("iam", "AttachRolePolicy", {"roleName": IN_MANAGEMENT, **ARN}, MANAGEMENT),
        ("iam", "PutRolePolicy", {"roleName": IN_MEMBER, "policyName": "more"}, MEMBER),
        ("iam", "PutRolePolicy", {"roleName": IN_HUB, "policyName": "more"}, HUB),
        ("iam", "PutRolePolicy", {"roleName": IN_HUB, "policyName": "RevokeOlderSessions"}, HUB),
        ("iam", "PutRolePolicy", {"roleName": IN_MANAGEMENT, "policyName": "more"}, MANAGEMENT),
    ],
)
def test_the_call_that_undoes_another_one_is_no_new_alarm(
    service: str, event: str, asked: dict[str, str], account: str
) -> None:
    done = judge(service, event, asked, account)
    assert done.assessment.severity is Severity.CRITICAL
    assert done.put_back is not None
    assert " ".join(done.put_back.split()[:2]) == f"aws {service}"
    assert service == "iam" or " --region us-east-1 " in done.put_back

    undone = run(done.put_back, account)

    assert (undone.activity, undone.put_back) == (Activity.WATCH_CHANGED, None)
    assert undone.assessment.severity in {Severity.MEDIUM, Severity.LOW}


@pytest.mark.parametrize(
    ("role", "account", "policy"),
    [
        (IN_MEMBER, MEMBER, "ForwardingRoleDefaultPolicyCADD92CF"),
        # Whether IAM tells names of policies apart by case is not documented.
        (IN_MEMBER, MEMBER, "FORWARDINGROLEDEFAULTPOLICYCADD92CF"),
        (IN_MEMBER, MEMBER, None),
        (IN_HUB, HUB, "RecoveryOverdueRoleDefaultPolicy209BAB2B"),
        (IN_HUB, HUB, "recoveryoverdueroledefaultpolicy209bab2b"),
        (IN_MANAGEMENT, MANAGEMENT, "ForwardingRoleDefaultPolicyCADD92CF"),
        (IN_MANAGEMENT, MANAGEMENT, "TrustedAccess"),
        (STACK_SETS, MEMBER, "more"),
    ],
)
def test_a_policy_of_ours_is_put_back_by_a_deployment(role: str, account: str, policy: str | None) -> None:
    for event in ("PutRolePolicy", "DeleteRolePolicy"):
        found = judge("iam", event, {"roleName": role, "policyName": policy}, account)

        assert found.assessment.severity is Severity.CRITICAL
        assert "role-policy" not in (found.put_back or "")


BY_CLOUDFORMATION = {"sourceIPAddress": "cloudformation.amazonaws.com"}


@pytest.mark.parametrize(("role", "account"), [(IN_HUB, HUB), (IN_MANAGEMENT, MANAGEMENT)])
@pytest.mark.parametrize(
    ("event", "asked", "command"),
    [
        ("PutRolePolicy", {"policyName": "deny-all"}, "delete-role-policy"),
        ("AttachRolePolicy", ARN, "detach-role-policy"),
    ],
)
def test_a_policy_that_another_stack_puts_on_a_role_of_ours_is_no_deployment_of_ours(
    event: str, asked: dict[str, str], command: str, role: str, account: str
) -> None:
    found = judge("iam", event, {"roleName": role, **asked}, account, **BY_CLOUDFORMATION)

    assert (found.activity, found.assessment.severity) == (Activity.WATCH_CHANGED, Severity.CRITICAL)
    reason = f"the watch's own {role} was changed by a deployment, but of no template of rootwarden's"
    assert found.assessment.reason == reason
    assert (found.put_back or "").startswith(f"aws iam {command} --role-name {role} ")


@pytest.mark.parametrize(
    ("role", "event", "asked"),
    [
        (IN_HUB, "PutRolePolicy", {"policyName": "RecoveryOverdueRoleDefaultPolicy209BAB2B"}),
        (IN_HUB, "UpdateAssumeRolePolicy", {}),
        # A role of people's own.
        ("rootwarden-operator", "PutRolePolicy", {"policyName": "invoke"}),
        ("RootWarden-operator", "AttachRolePolicy", ARN),
    ],
)
def test_what_a_deployment_does_with_a_role_of_its_own_is_low(
    role: str, event: str, asked: dict[str, str]
) -> None:
    found = judge("iam", event, {"roleName": role, **asked}, HUB, **BY_CLOUDFORMATION)

    assert (found.assessment.severity, found.put_back) == (Severity.LOW, None)


def test_a_policy_taken_off_stack_sets_own_role_is_an_alarm() -> None:
    found = judge("iam", "DetachRolePolicy", {"roleName": STACK_SETS, **ARN}, MEMBER)

    assert (found.activity, found.assessment.severity) == (Activity.WATCH_TAKEN_DOWN, Severity.CRITICAL)


def test_a_policy_that_is_taken_off_is_said_not_to_be_ours() -> None:
    found = judge("iam", "DeleteRolePolicy", {"roleName": IN_MEMBER, "policyName": "deny"}, MEMBER)

    assert found.assessment.severity is Severity.MEDIUM
    reason = f"the watch's own {IN_MEMBER} lost a policy that is not rootwarden's"
    assert found.assessment.reason == reason


def test_the_policy_that_ends_a_roles_sessions_is_said_to_be_the_runbooks() -> None:
    [said] = judge(
        "iam", "PutRolePolicy", {"roleName": IN_HUB, "policyName": "RevokeOlderSessions"}, HUB
    ).assessment.circumstances

    assert said.startswith("a policy of this name is what the runbook puts on a role to end its sessions")


@pytest.mark.parametrize(
    "asked", [{"description": "ours"}, {"deadLetterConfig": {"arn": "arn"}}, {"kmsKeyIdentifier": ""}, {}]
)
def test_the_default_bus_without_a_key_of_the_accounts_own_is_no_alarm(asked: dict[str, Any]) -> None:
    found = judge("events", "UpdateEventBus", {"name": "default", **asked}, MEMBER)

    assert (found.activity, found.put_back) == (Activity.WATCH_CHANGED, None)
    assert found.assessment.severity is Severity.LOW
    reason = "the account's event bus default was changed, and has no key of the account's own"
    assert found.assessment.reason == reason
    tried = judge("events", "UpdateEventBus", {"name": "default", **asked}, MEMBER, **REFUSED)
    assert (tried.activity, tried.assessment.severity) == (Activity.WATCH_CHANGE_REFUSED, Severity.LOW)


def test_whose_key_the_default_bus_was_given_is_to_be_asked_first() -> None:
    found = judge("events", "UpdateEventBus", {"name": "default", **KEY}, MEMBER)

    assert found.assessment.reason == "the account's event bus default was changed by hand"
    [said] = found.assessment.circumstances
    assert said.startswith("before that key is taken off, ask whether it is the organization's own")


def refusal(bus: str, caller: str = "assumed-role/Dev/dev") -> dict[str, str]:
    arn = f"arn:aws:events:us-east-1:{MEMBER}:event-bus/{bus}"
    who = f"User: arn:aws:sts::{MEMBER}:{caller}"
    message = f"{who} is not authorized to perform: events:UpdateEventBus on resource: {arn} because no"
    return REFUSED | {"errorMessage": message}


@pytest.mark.parametrize(("bus", "account"), [("default", MEMBER), ("default", HUB), ("rootwarden", HUB)])
def test_of_a_refused_call_the_message_says_on_which_bus_it_was(bus: str, account: str) -> None:
    found = judge("events", "UpdateEventBus", None, account, **refusal(bus))

    assert (found.activity, found.target) == (Activity.WATCH_CHANGE_REFUSED, bus)
    # Whether it had a key, nothing says.
    assert found.assessment.severity is Severity.HIGH


@pytest.mark.parametrize(
    "refused",
    [
        REFUSED,
        refusal("orders"),
        refusal("default-2"),
        refusal("orders", "user/on:event-bus/default"),
        {"errorCode": "ResourceNotFoundException", "errorMessage": "Event bus orders does not exist."},
    ],
)
def test_a_refused_call_on_another_bus_or_on_nobody_knows_which_is_no_alarm(refused: dict[str, str]) -> None:
    found = judge("events", "UpdateEventBus", None, MEMBER, **refused)

    assert (found.activity, found.assessment.severity) == (None, Severity.INFO)
    assert found.assessment.reason == "the refused call was on another event bus, or does not say on which"


def test_a_call_on_a_bus_of_others_that_is_named_is_none_of_ours() -> None:
    called = sample("default_bus_given_a_key", requestParameters={"name": "orders", **KEY})

    assert WATCH.finding(record(called)) is None
