from dataclasses import replace
from pathlib import Path

import pytest

from local.organization import Organization, Slack
from local.synthesis import SynthesisError, configuration_of, synthesize, webhook_secret_arn


def test_the_configuration_is_the_organization_s(organization: Organization) -> None:
    configuration = configuration_of(organization)
    assert configuration["hub_account_id"] == organization.hub.account
    assert configuration["exemptions"][0]["until"] == "2027-01-31"
    assert configuration["slack"] == {
        "workspace_id": "T0123ABCD",
        "channel_id": "C0123ABCD",
        "webhook_secret_arn": webhook_secret_arn(organization),
    }


def test_without_slack_nothing_of_slack_is_configured(organization: Organization) -> None:
    assert configuration_of(replace(organization, slack=Slack()))["slack"] == {}


def test_any_key_of_the_configuration_can_be_given(organization: Organization) -> None:
    changed = replace(organization, configuration={"queue_retention_days": 3})
    assert configuration_of(changed)["queue_retention_days"] == 3


@pytest.mark.long
def test_what_app_py_refuses_is_passed_on(organization: Organization, tmp_path: Path) -> None:
    broken = replace(organization, configuration={"hub_region": "atlantis"})
    with pytest.raises(SynthesisError, match=r"hub_region.*atlantis") as caught:
        synthesize(broken, tmp_path / "cdk.out")
    assert "Traceback" not in str(caught.value)
