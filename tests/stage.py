"""The deployed organization that tests share: deployed once for all tests in a row that want the same."""

from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.aws import LocalAws
from local.organization import Organization
from tests.clean_slate import clean_slate

START = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Stage:
    """Holds one deployed organization at a time: moto has one of everything in a process."""

    def __init__(self) -> None:
        """Begin with nothing deployed."""
        self._modules: set[object] = set()
        self._play: tuple[Organization, Path] | None = None
        self._aws: LocalAws | None = None

    def clean(self, organization: Organization, assembly: Path) -> LocalAws:
        """Return the organization with everything deployed, as if nothing had happened in it yet."""
        aws = self.deployed(organization, assembly)
        clean_slate(aws)
        return aws

    def deployed(self, organization: Organization, assembly: Path) -> LocalAws:
        """Return the organization with everything deployed, with all that earlier tests did in it."""
        play = (organization, assembly)
        if self._aws is None or self._play != play:
            self.clear()
            aws = LocalAws(organization, assembly=assembly, start=START)
            aws.__enter__()
            self._aws, self._play = aws, play
            aws.deploy()
        return self._aws

    def collected(self, items: Collection[pytest.Item]) -> None:
        """Note which files have tests that use the stage."""
        self._modules = {_module(item) for item in items if "stage" in getattr(item, "fixturenames", ())}

    def leave_to(self, item: pytest.Item | None) -> None:
        """Take down what is deployed unless the next test's file uses it: others know no such clock."""
        if item is None or _module(item) not in self._modules:
            self.clear()

    def clear(self) -> None:
        """Take down what is deployed."""
        aws, self._aws = self._aws, None
        if aws is not None:
            aws.__exit__(None, None, None)


def in_few_regions(organization: Organization) -> Organization:
    """Return an organization that forwards from where sample events come from: sweeps ask every Region."""
    few = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1"]
    return replace(organization, configuration={**organization.configuration, "forwarding_regions": few})


def _module(item: pytest.Item) -> object:
    return item.getparent(pytest.Module)
