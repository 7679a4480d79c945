"""Which of AWS's refusals come from a policy of the organization."""

import pytest

from rootctl.failures import next_step
from rootctl.output import with_advice
from rootwarden.hardening.outcome import Reason
from rootwarden.policies.service_control_policies import advice

USER = "User: arn:aws:sts::222233334444:assumed-role/HardenAccount/x is not authorized to perform: "


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        ("with an explicit deny in a service control policy", "service control policy"),
        ("with an explicit deny in a service control policy: arn:aws:organizations::1:p", "service control"),
        ("because no service control policy allows the sts:AssumeRoot action", "service control policy"),
        ("with an explicit deny in a resource control policy", "resource control policy"),
    ],
)
def test_a_policy_of_the_organization_is_named_with_the_way_to_it(end: str, kind: str) -> None:
    said = advice(f"{USER}sts:AssumeRoot on resource: arn:aws:iam::444455556666:root {end}")

    assert said is not None
    assert kind in said
    assert "rootctl preflight" in said


@pytest.mark.parametrize(
    "message",
    [
        "",
        f"{USER}sts:AssumeRoot on resource: arn:aws:iam::444455556666:root",
        "Root credentials management feature is not enabled for your AWS Organization.",
        "with an explicit deny in a resource-based policy",
        "with an explicit deny in an identity-based policy",
        "because no identity-based policy allows the s3:GetBucketPolicy action",
    ],
)
def test_any_other_refusal_is_none(message: str) -> None:
    assert advice(message) is None


def test_rootctl_points_to_preflight_and_not_to_other_credentials() -> None:
    message = f"{USER}sts:AssumeRoot with an explicit deny in a service control policy"

    step = next_step("AccessDenied", "AssumeRoot", message)

    assert "rootctl preflight" in step
    assert "use such credentials" not in step
    assert with_advice(f"AccessDenied: {message}").endswith(step)
    assert "arn:aws:sts" not in with_advice(message)


def test_an_outcome_names_it_and_what_to_do() -> None:
    refused = Reason("AccessDenied", "not authorized with an explicit deny in a service control policy")

    assert "rootctl preflight" in str(refused.to_detail()["advice"])
    assert "advice" not in Reason("AccessDenied", "not authorized").to_detail()
