"""What is said and not lost where a call fails; proofs/faults lets every call fail."""

from collections.abc import Callable
from typing import Any

import pytest

from embedded_aws.calls import Call
from local.aws import LocalAws
from tests.accounts import MEMBER
from tests.wiring.sample_events import sample

pytestmark = pytest.mark.long

Happen = Callable[..., list[dict[str, Any]]]


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
