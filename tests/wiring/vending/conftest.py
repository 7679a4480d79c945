import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded_aws.organizations.organization import Account
from local.aws import LocalAws
from local.organization import Organization
from tests.stage import START
from tests.wiring.vending.examples import VENDING, with_examples
from tests.wiring.vending.pipeline import Pipeline
from tests.wiring.vending.state_machines import act_in_the_vending_account, interpret_state_machines


@pytest.fixture(scope="module")
def aws(
    organization: Organization, assembly: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalAws]:
    """The example organization with an account that vends accounts, everything deployed."""
    accounts = (*organization.accounts, Account(id=VENDING, name="vending"))
    everything = with_examples(assembly, tmp_path_factory.mktemp("vending"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        interpret_state_machines(monkeypatch)
        vending = dataclasses.replace(organization, accounts=accounts)
        with LocalAws(vending, assembly=everything, start=START) as embedded:
            act_in_the_vending_account(monkeypatch, embedded)
            embedded.deploy()
            yield embedded


@pytest.fixture
def pipeline(aws: LocalAws) -> Pipeline:
    """A pipeline in the vending account."""
    return Pipeline(aws)
