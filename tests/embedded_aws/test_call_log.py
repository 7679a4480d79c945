import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from embedded_aws.calls import Call, CallLog, CallRefusedError, Faults, Principal, access_denied, redacted

OPERATOR = Principal(
    kind="role_session",
    account="111122223333",
    arn="arn:aws:sts::111122223333:assumed-role/operator/jo",
    role_arn="arn:aws:iam::111122223333:role/operator",
)


def _call(**changes: Any) -> Call:
    described: dict[str, Any] = {
        "time": datetime(2026, 11, 1, tzinfo=UTC),
        "account": "111122223333",
        "region": "us-east-1",
        "partition": "aws",
        "principal": OPERATOR,
        "service": "iam",
        "operation": "GetUser",
        "parameters": {},
    }
    return Call(**described | changes)


def test_keeps_calls_in_order_from_any_thread() -> None:
    log = CallLog()
    threads = [threading.Thread(target=log.record, args=(_call(),)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(log) == 20
    log.record(_call(operation="ListUsers"))
    assert [call.operation for call in log][-1] == "ListUsers"
    log.clear()
    assert list(log) == []


def test_a_call_without_a_rule_names_service_and_operation() -> None:
    assert (_call().action, _call().resource) == ("iam:GetUser", "*")
    judged = _call(actions=("iam:GetUser",), resources=("arn:aws:iam::1:root",))
    assert judged.resource == "arn:aws:iam::1:root"


def test_secrets_are_redacted_wherever_they_are() -> None:
    parameters = {"UserName": "jo", "Password": "pw", "List": [{"SecretString": "s"}]}
    assert redacted(parameters) == {
        "UserName": "jo",
        "Password": "(redacted)",
        "List": [{"SecretString": "(redacted)"}],
    }


@pytest.mark.parametrize(
    ("service", "code", "http"),
    [
        ("iam", "AccessDenied", 403),
        ("sqs", "AccessDenied", 403),
        ("sns", "AuthorizationError", 403),
        ("dynamodb", "AccessDeniedException", 400),
        ("lambda", "AccessDeniedException", 403),
    ],
)
def test_a_refusal_is_coded_as_its_service_does(service: str, code: str, http: int) -> None:
    refusal = access_denied(_call(service=service), "x:Do", "arn")
    assert (refusal.code, refusal.http) == (code, http)
    assert OPERATOR.arn in refusal.message


def test_a_fault_strikes_as_often_as_asked_and_only_there() -> None:
    faults = Faults()
    faults.fail("GetUser", "Throttling", times=2, account="111122223333", service="iam")
    faults.strike(_call(operation="ListUsers"))
    faults.strike(_call(account="444455556666"))
    faults.strike(_call(service="sts"))
    for _ in range(2):
        with pytest.raises(CallRefusedError, match="Throttling"):
            faults.strike(_call())
    faults.strike(_call())


def test_a_fault_can_last_until_cleared_and_wait_for_the_effect() -> None:
    faults = Faults()
    faults.fail("GetUser", "ServiceFailure", http=500, times=None, after_effect=True)
    faults.strike(_call())
    for _ in range(3):
        with pytest.raises(CallRefusedError):
            faults.strike(_call(), after_effect=True)
    faults.clear()
    faults.strike(_call(), after_effect=True)
