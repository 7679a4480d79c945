"""rootctl doctor compares what a sweep runs at once with what the hub account may run."""

import pytest

from tests.rootctl.diagnosed import doctor


@pytest.mark.usefixtures("aws")
def test_an_account_that_may_run_many_functions_is_ok() -> None:
    [found] = doctor()[0]["functions at once"]
    assert (found["status"], found["remedy"]) == ("ok", None)


@pytest.mark.usefixtures("aws")
def test_a_sweep_leaves_a_new_account_nothing_to_alert_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS allows a new account ten, and a sweep takes ten."""
    monkeypatch.setattr("embedded_aws.extensions.FUNCTIONS_AT_ONCE", 10)
    [found] = doctor()[0]["functions at once"]
    assert found["status"] == "wrong"
    assert "10" in found["text"]
    assert "service-quotas request-service-quota-increase" in found["remedy"]
    assert "sweep.max_concurrency" in found["text"]
