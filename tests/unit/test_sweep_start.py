"""When a first sweep is too early."""

import pytest

from rootwarden.refusals import CallRefused
from rootwarden.report.deployment_checks import why_too_early

ALL_ON = frozenset({"RootCredentialsManagement", "RootSessions"})


@pytest.mark.parametrize(
    ("features", "says"),
    [
        (ALL_ON, None),
        (frozenset(), "RootCredentialsManagement and RootSessions not switched on yet"),
        (ALL_ON - {"RootSessions"}, "RootSessions not switched on yet"),
        (CallRefused("ServiceAccessNotEnabledException", "off"), "IAM has no trusted access yet"),
        (
            CallRefused("AccountNotManagementOrDelegatedAdministratorException", "no"),
            "the hub is not the delegated administrator yet",
        ),
        (CallRefused("AccessDenied", "no"), "the hub may not ask yet"),
    ],
)
def test_a_sweep_is_too_early_while_something_is_not_switched_on(
    features: frozenset[str] | CallRefused, says: str | None
) -> None:
    found = why_too_early(features)
    assert found is None if says is None else (found or "").startswith(says)


@pytest.mark.parametrize("code", ["Throttling", "ServiceFailure", "EndpointConnectionError"])
def test_not_being_able_to_ask_is_no_answer(code: str) -> None:
    with pytest.raises(CallRefused, match=code):
        why_too_early(CallRefused(code, "later"))
