import pytest

from embedded_aws.calls import CallRefusedError, Faults, access_denied, redacted
from tests.embedded_aws.calling import ADMINISTRATOR, call
from tests.embedded_aws.templates import MANAGEMENT, MEMBER


def test_a_call_without_a_rule_names_service_and_operation() -> None:
    assert (call().action, call().resource) == ("iam:GetUser", "*")
    judged = call(actions=("iam:GetUser",), resources=("arn:aws:iam::1:root",))
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
    refusal = access_denied(call(service=service), "x:Do", "arn")
    assert (refusal.code, refusal.http) == (code, http)
    assert ADMINISTRATOR.arn in refusal.message


def test_a_fault_strikes_as_often_as_asked_and_only_there() -> None:
    faults = Faults()
    faults.fail("GetUser", "Throttling", times=2, account=MANAGEMENT, service="iam")
    faults.strike(call(operation="ListUsers"))
    faults.strike(call(account=MEMBER))
    faults.strike(call(service="sts"))
    for _ in range(2):
        with pytest.raises(CallRefusedError, match="Throttling"):
            faults.strike(call())
    faults.strike(call())


def test_a_fault_can_last_until_cleared_and_wait_for_the_effect() -> None:
    faults = Faults()
    faults.fail("GetUser", "ServiceFailure", http=500, times=None, after_effect=True)
    faults.strike(call())
    for _ in range(3):
        with pytest.raises(CallRefusedError):
            faults.strike(call(), after_effect=True)
    faults.clear()
    faults.strike(call(), after_effect=True)
