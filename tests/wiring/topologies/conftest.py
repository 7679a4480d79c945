from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.aws import LocalAws
from local.organization import Organization
from tests.stage import Stage

Happen = Callable[[], list[dict[str, Any]]]
_LONG_ENOUGH = 3600


@pytest.fixture
def deployed(stage: Stage, topology: Organization, assembly_of: Callable[[Organization], Path]) -> LocalAws:
    """The topology of a module, deployed once into an organization with nothing switched on."""
    return stage.deployed(topology, assembly_of(topology))


@pytest.fixture
def aws(deployed: LocalAws) -> LocalAws:
    """The deployed topology an hour after the last test, when no burst of it lasts any more."""
    deployed.clock.advance(_LONG_ENOUGH)
    for record in (deployed.calls, deployed.messages, deployed.lost_events, deployed.delivery.received):
        record.clear()
    return deployed


@pytest.fixture
def alerts(aws: LocalAws) -> Happen:
    """Let everything that was begun come to its end; return the outcomes once nothing went astray."""

    def outcomes() -> list[dict[str, Any]]:
        aws.run_until_idle()
        assert aws.lost_events == []
        assert aws.dead_letters == []
        return aws.outcomes

    return outcomes
