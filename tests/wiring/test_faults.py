"""Every AWS call may fail, before or after it took effect: the end is the same, and nothing is lost."""

from collections.abc import Callable
from typing import Any

import pytest

from embedded_aws.calls import Call
from local.aws import LocalAws
from tests.accounts import MEMBER
from tests.wiring.sample_events import sample

pytestmark = pytest.mark.long

Happen = Callable[..., list[dict[str, Any]]]
HARDENING = (
    ("dynamodb", "UpdateItem"),
    ("organizations", "DescribeAccount"),
    ("dynamodb", "GetItem"),
    ("sts", "AssumeRoot"),
    ("dynamodb", "PutItem"),
    ("iam", "GetAccountSummary"),
    ("iam", "ListAccessKeys"),
    ("iam", "ListSigningCertificates"),
    ("iam", "ListMFADevices"),
    ("iam", "DeleteLoginProfile"),
    ("iam", "GetAccessKeyLastUsed"),
    ("iam", "DeleteAccessKey"),
    ("iam", "DeleteSigningCertificate"),
    ("iam", "DeactivateMFADevice"),
    ("events", "PutEvents"),
)


@pytest.mark.parametrize("after_effect", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("service", "operation"), HARDENING)
def test_an_account_is_hardened_whichever_call_fails_once(
    aws: LocalAws, happen: Happen, service: str, operation: str, *, after_effect: bool
) -> None:
    aws.extensions.faults.fail(
        operation, "AccessDeniedException", service=service, http=403, after_effect=after_effect
    )

    outcomes = happen(sample("create_account_result_succeeded"))

    assert not any(aws.posture(MEMBER).values())
    assert aws.dead_letters == []
    last = [o["detail"] for o in outcomes if o["detail-type"] == "Account Hardening Result"][-1]
    assert (last["result"], last["willRetry"]) == ("hardened", False)
    assert {credential["kind"] for credential in last["removed"]} == {
        "password",
        "access_key",
        "signing_certificate",
        "mfa_device",
    }


def test_the_last_word_of_a_skipped_account_names_what_was_removed_before(
    aws: LocalAws, happen: Happen, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = aws.extensions.faults
    faults.fail("DeleteAccessKey", "AccessDenied", http=403, times=None)
    strike = faults.strike

    def suspend_meanwhile(call: Call, *, after_effect: bool = False) -> None:
        if call.operation == "DeleteAccessKey":
            aws.extensions.state.set_state(MEMBER, "SUSPENDED")
        strike(call, after_effect=after_effect)

    monkeypatch.setattr(faults, "strike", suspend_meanwhile)

    outcomes = happen(sample("create_account_result_succeeded"))

    last = [o["detail"] for o in outcomes if o["detail-type"] == "Account Hardening Result"][-1]
    assert (last["result"], last["willRetry"]) == ("skipped", False)
    assert [found["kind"] for found in last["removed"]] == ["mfa_device", "password", "signing_certificate"]
    assert {found["kind"] for found in last["mayHaveBeenRemoved"]} == {"access_key"}
    email = next(m for m in aws.messages if m.channel == "email" and "left alone" in (m.subject or ""))
    assert "Removed the password, a signing certificate and an MFA device." in " ".join(email.body.split())


@pytest.mark.parametrize("code", ["Throttling", "ServiceFailure", "EntityTemporarilyUnmodifiable"])
def test_passing_refusals_are_retried(aws: LocalAws, happen: Happen, code: str) -> None:
    aws.extensions.faults.fail("DeleteLoginProfile", code, http=503, times=7)

    outcomes = happen(sample("create_account_result_succeeded"))

    assert not any(aws.posture(MEMBER).values())
    assert outcomes[-1]["detail"]["result"] == "hardened"


def test_one_credential_that_cannot_be_deleted_never_stops_the_rest(aws: LocalAws, happen: Happen) -> None:
    aws.extensions.faults.fail("DeleteLoginProfile", "AccessDenied", http=403, times=None)

    outcomes = happen(sample("create_account_result_succeeded"))

    last = outcomes[-1]["detail"]
    assert (last["result"], last["willRetry"]) == ("partial", False)
    # MFA devices stay as long as the password does.
    assert [(f["kind"], f["code"]) for f in last["failures"]] == [
        ("password", "AccessDenied"),
        ("mfa_device", "AccessDenied"),
    ]
    assert aws.posture(MEMBER) == {
        "password": True,
        "accessKeys": False,
        "signingCertificates": False,
        "mfaDevices": True,
    }
    assert len(aws.dead_letters) == 1


def test_an_account_nobody_can_look_at_is_never_taken_for_clean(aws: LocalAws, happen: Happen) -> None:
    aws.extensions.faults.fail("GetAccountSummary", "AccessDenied", http=403, times=None)

    outcomes = happen(sample("create_account_result_succeeded"))

    assert {outcome["detail"]["result"] for outcome in outcomes} == {"unreachable"}
    assert {str(outcome["detail"]["after"]) for outcome in outcomes} == {"None"}
    assert all(aws.posture(MEMBER).values())


@pytest.mark.parametrize(
    ("service", "operation"),
    [("dynamodb", "UpdateItem"), ("dynamodb", "GetItem"), ("dynamodb", "PutItem"), ("events", "PutEvents")],
)
def test_an_alert_survives_every_call_that_fails_once(
    aws: LocalAws, happen: Happen, service: str, operation: str
) -> None:
    aws.extensions.faults.fail(operation, "InternalServerError", service=service, http=400)

    outcomes = happen(sample("root_console_login_success_no_mfa"))

    assert [outcome["detail"]["activity"] for outcome in outcomes] == ["sign_in_succeeded"]
    assert aws.dead_letters == []
