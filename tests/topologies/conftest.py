import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from local.deployment.synthesis import configuration_of
from local.embedded_aws import EmbeddedAws
from local.organization import Organization
from tests.conftest import START
from tests.infrastructure.synthesized import synthesize

Happen = Callable[[], list[dict[str, Any]]]
_A_DAY = 24 * 3600


@pytest.fixture(scope="session")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Organization], Path]:
    """Synthesize a topology in this process: starting CDK anew for each takes most of the time."""

    @cache
    def once(configuration: str) -> Path:
        return synthesize(tmp_path_factory.mktemp("cdk.out"), **json.loads(configuration)).directory

    return lambda topology: once(json.dumps(configuration_of(topology)))


@pytest.fixture(scope="module")
def deployed(topology: Organization, synthesized: Callable[[Organization], Path]) -> Iterator[EmbeddedAws]:
    """The topology of a module, deployed once into an organization with nothing switched on."""
    with EmbeddedAws(topology, assembly=synthesized(topology), start=START) as embedded:
        embedded.deploy()
        yield embedded


@pytest.fixture
def aws(deployed: EmbeddedAws) -> EmbeddedAws:
    """The deployed topology a day after the last test, when no burst of it lasts any more."""
    deployed.clock.advance(_A_DAY)
    for record in (deployed.calls, deployed.messages, deployed.lost_events, deployed.delivery.received):
        record.clear()
    return deployed


@pytest.fixture
def alerts(aws: EmbeddedAws) -> Happen:
    """Let everything that was begun come to its end; return the outcomes once nothing went astray."""

    def outcomes() -> list[dict[str, Any]]:
        aws.run_until_idle()
        assert aws.lost_events == []
        assert aws.dead_letters == []
        return aws.outcomes

    return outcomes
