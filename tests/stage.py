"""The deployed organization that tests share: deployed once for all tests in a row that want the same."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local.aws import LocalAws
from local.organization import Organization
from tests.clean_slate import clean_slate

# What fixtures of organizations are called.
_ORGANIZATIONS = ("organization", "operated", "topology")
START = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Stage:
    """Holds one deployed organization at a time: moto has one of everything in a process."""

    def __init__(self) -> None:
        """Begin with nothing deployed."""
        self._modules: set[pytest.Module | None] = set()
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

    def collected(self, items: list[pytest.Item]) -> None:
        """Note which files use the stage; within a directory, those that deploy the same come together."""
        self._modules = {_module(item) for item in items if _uses_stage(item)}
        directories = list(dict.fromkeys(item.path.parent for item in items))
        items.sort(key=lambda item: (directories.index(item.path.parent), self._turn(_module(item))))

    def leave_to(self, item: pytest.Item | None) -> None:
        """Take down what is deployed unless the next test's file uses it: others know no such clock."""
        if item is None or _module(item) not in self._modules:
            self.clear()

    def _turn(self, module: pytest.Module | None) -> int:
        """Put files without the stage first, and those with an organization of their own last."""
        if module not in self._modules:
            return 0
        own = any(name in vars(getattr(module, "obj", None)) for name in _ORGANIZATIONS)
        return 2 if own else 1

    def clear(self) -> None:
        """Take down what is deployed."""
        aws, self._aws = self._aws, None
        if aws is not None:
            aws.__exit__(None, None, None)


def in_few_regions(organization: Organization) -> Organization:
    """Return an organization that forwards from where sample events come from: sweeps ask every Region."""
    few = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1"]
    return replace(organization, configuration={**organization.configuration, "forwarding_regions": few})


def _uses_stage(item: pytest.Item) -> bool:
    return "stage" in getattr(item, "fixturenames", ())


def _module(item: pytest.Item) -> pytest.Module | None:
    return item.getparent(pytest.Module)
