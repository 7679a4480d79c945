"""Brings an organization up: templates synthesized, stacks deployed."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from embedded_aws.clock import Clock
from local.aws import LocalAws
from local.commands.presentation.terminal import during
from local.organization import Organization
from local.synthesis import synthesize


@contextmanager
def running(
    organization: Organization,
    *,
    assembly: Path | None = None,
    start: datetime | None = None,
    clock: Clock | None = None,
) -> Iterator[LocalAws]:
    """Deploy to the organization, for as long as the context lasts.

    Without an `assembly` the templates are synthesized first; virtual time begins now unless a
    `start` is given.
    """
    with ExitStack() as stack:
        if assembly is None:
            assembly = Path(stack.enter_context(TemporaryDirectory(prefix="rootwarden-")))
            with during("Synthesizing the templates"):
                synthesize(organization, assembly)
        aws = stack.enter_context(
            LocalAws(organization, assembly=assembly, start=start or datetime.now(UTC), clock=clock)
        )
        with during("Deploying them to the embedded AWS"):
            aws.deploy()
        yield aws
