"""A policy that protects root, or StackSets' access, is taken away: what is said of it, and what it was."""

from typing import Any

import pytest

from rootwarden.activity.root_activity import Assessment, Finding
from rootwarden.activity.watch import names_protecting_policy, protection_change
from rootwarden.contract.activities import Activity, Severity
from tests.unit.sample_events import record, sample
from tests.unit.test_watch import BY_CLOUDFORMATION, REFUSED

CHANGED = "a policy that protects root or the watch was changed"
LOST_ACCESS = "rootwarden's StackSet lost its access to the member accounts: new ones will not forward"


@pytest.mark.parametrize(
    ("name", "changed", "reason", "target"),
    [
        (
            "detach_deny_root_policy",
            {},
            "a policy that protects root or the watch was detached",
            "p-denyroot1",
        ),
        ("detach_deny_root_policy", {"eventName": "UpdatePolicy"}, CHANGED, "p-denyroot1"),
        (
            "detach_deny_root_policy",
            {"eventName": "DeletePolicy", "requestParameters": None},
            "a policy that protects root or the watch was deleted",
            None,
        ),
        (
            "detach_deny_root_policy",
            {"eventName": "DisablePolicyType", "requestParameters": {"policyType": "TAG_POLICY"}},
            "a type of policy was switched off, and every such policy detached with it",
            "TAG_POLICY",
        ),
        (
            "disable_stack_sets_access",
            {},
            LOST_ACCESS,
            "member.org.stacksets.cloudformation.amazonaws.com",
        ),
        ("deactivate_stack_sets_access", {}, LOST_ACCESS, "StackSets' access"),
        (
            "disable_cloudtrail_access",
            {},
            (
                "CloudTrail lost its access to the organization, and every member the organization's trail:"
                " without another trail no event comes from there"
            ),
            "cloudtrail.amazonaws.com",
        ),
        (
            "deregister_stack_sets_administrator",
            {},
            (
                "an account lost the administration of StackSets; the management account keeps rootwarden's"
                " own StackSet"
            ),
            "555566667777",
        ),
    ],
)
def test_what_was_taken_from_under_the_watch_is_named(
    name: str, changed: dict[str, Any], reason: str, target: str | None
) -> None:
    done = protection_change(record(sample(name, **changed)))
    tried = protection_change(record(sample(name, **changed, **REFUSED)))

    assert done is not None
    assert done == Finding(
        activity=Activity.WATCH_TAKEN_DOWN,
        assessment=Assessment(Severity.CRITICAL, reason),
        target=target,
        put_back=done.put_back,
    )
    refused = "somebody tried to change what protects root or the watch, and AWS refused it (AccessDenied)"
    assert tried == Finding(
        activity=Activity.WATCH_CHANGE_REFUSED,
        assessment=Assessment(Severity.HIGH, refused),
        target=target,
    )


def test_a_protecting_policy_that_a_deployment_changes_is_named() -> None:
    by_deployment = {"eventName": "UpdatePolicy", "userIdentity": BY_CLOUDFORMATION}

    assert protection_change(record(sample("detach_deny_root_policy", **by_deployment))) == Finding(
        activity=Activity.WATCH_CHANGED,
        assessment=Assessment(Severity.LOW, f"{CHANGED} by a deployment"),
        target="p-denyroot1",
    )


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({}, True),
        ({"eventName": "UpdatePolicy"}, True),
        ({"eventName": "CloseAccount"}, False),
        # S3 and others have policies of their own.
        ({"eventSource": "s3.amazonaws.com"}, False),
    ],
)
def test_only_organizations_calls_on_policies_may_touch_a_protecting_one(
    changed: dict[str, Any],
    names: bool,  # noqa: FBT001 - a table
) -> None:
    assert names_protecting_policy(record(sample("detach_deny_root_policy", **changed))) is names


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("disable_stack_sets_access", {"eventName": "EnableAWSServiceAccess"}),
        # The management account keeps the trails that CloudTrail's administrator made.
        ("disable_cloudtrail_access", {"eventName": "DeregisterDelegatedAdministrator"}),
        ("detach_deny_root_policy", {"eventSource": "s3.amazonaws.com"}),
        ("detach_deny_root_policy", {"eventName": "AttachPolicy"}),
    ],
)
def test_what_gives_access_and_what_is_no_policy_of_the_organization_takes_nothing(
    name: str, changed: dict[str, str]
) -> None:
    assert protection_change(record(sample(name, **changed))) is None
