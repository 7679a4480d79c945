"""No test of this directory reaches AWS: credentials are not real, and what answers is moto or a stub."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from moto import mock_aws

from rootwarden.aws.state_table import StateTable
from tests.unit.fakes import FakeClock
from tests.unit.log_lines import LogLines, captured_log
from tests.unit.state_table import StateTables

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "POWERTOOLS_METRICS_NAMESPACE": "rootwarden",
}


@pytest.fixture(scope="module", autouse=True)
def no_real_aws() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def aws() -> Iterator[None]:
    """AWS as moto has it: one for all tests, so each brings names of its own."""
    with mock_aws():
        yield


@pytest.fixture(scope="module")
def state_tables(aws: None) -> StateTables:  # noqa: ARG001 - the tables are in it
    return StateTables()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def table(state_tables: StateTables, clock: FakeClock) -> StateTable:
    """An empty state table."""
    return replace(state_tables.create(), clock=clock)


@pytest.fixture
def log() -> Iterator[LogLines]:
    """What the functions log."""
    with captured_log() as lines:
        yield lines
