"""What is fuzzed: how a case is made, what is done with it, and how many of all cases it gets."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from proofs.fuzz import (
    of_command_lines,
    of_configurations,
    of_events,
    of_policies,
    of_reports,
    of_state_items,
    of_webhooks,
)
from proofs.fuzz.strangers import Stranger


@dataclass(frozen=True, kw_only=True)
class Target:
    """One thing that takes what strangers write; `attempt` raises where it does not hold."""

    name: str
    make: Callable[[Stranger], Any]
    attempt: Callable[[Any], None]
    share: int


TARGETS = (
    Target(name="event judged", make=of_events.forged, attempt=of_events.judge, share=20),
    Target(name="event announced", make=of_events.forged, attempt=of_events.announce, share=14),
    Target(name="event explained", make=of_events.forged, attempt=of_events.explain, share=14),
    Target(name="outcome written", make=of_events.said, attempt=of_events.notify, share=14),
    Target(name="policy", make=of_policies.written, attempt=of_policies.judge, share=14),
    Target(name="configuration", make=of_configurations.written, attempt=of_configurations.read, share=8),
    Target(name="state item", make=of_state_items.written, attempt=of_state_items.keep, share=8),
    Target(name="webhook", make=of_webhooks.written, attempt=of_webhooks.post, share=4),
    Target(name="command line", make=of_command_lines.written, attempt=of_command_lines.run, share=2),
    Target(name="report", make=of_reports.rows, attempt=of_reports.write, share=2),
)


def target_of(seed: int) -> Target:
    """Return the target of a seed: each gets its share of seeds in a row."""
    [target] = Random(seed).choices(TARGETS, [target.share for target in TARGETS])  # noqa: S311 - no secret
    return target


def case_of(seed: int) -> Any:
    """Return the value of a seed, always the same."""
    return target_of(seed).make(Stranger(Random(f"case {seed}")))  # noqa: S311 - no secret
