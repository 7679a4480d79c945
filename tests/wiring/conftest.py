from collections.abc import Callable
from typing import Any

import pytest

from embedded_aws.environment import EmbeddedAws

Outcomes = list[dict[str, Any]]


@pytest.fixture
def happen(aws: EmbeddedAws) -> Callable[..., Outcomes]:
    """Deliver events, let everything that follows from them happen, return the outcomes."""

    def deliver(*events: dict[str, Any]) -> Outcomes:
        for event in events:
            aws.deliver(event)
        aws.run_until_idle()
        return aws.outcomes

    return deliver
