"""Reads a cloud assembly (`cdk.out`): its stacks in dependency order, each with its files."""

import json
import re
from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from embedded_aws.cloudformation.resource import StackArtifact

_ENVIRONMENT = re.compile(r"aws://(?P<account>\d{12})/(?P<region>[a-z0-9-]+)")
_STACK = "aws:cloudformation:stack"


class CloudAssemblyError(RuntimeError):
    """When a directory is not a cloud assembly this program can deploy."""


def read_assembly(directory: Path) -> tuple[StackArtifact, ...]:
    """Return the stacks of a cloud assembly, each after those it depends on."""
    artifacts = _read_json(directory / "manifest.json").get("artifacts", {})
    graph = {name: artifact.get("dependencies", []) for name, artifact in artifacts.items()}
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise CloudAssemblyError(f"stacks depend on each other in a circle: {error}") from error
    return tuple(
        _stack(name, artifacts[name], directory)
        for name in order
        if artifacts.get(name, {}).get("type") == _STACK
    )


def _stack(name: str, artifact: Mapping[str, Any], directory: Path) -> StackArtifact:
    environment = _ENVIRONMENT.fullmatch(artifact["environment"])
    if environment is None:
        raise CloudAssemblyError(f"stack {name} names no account and Region: {artifact['environment']}")
    properties = artifact["properties"]
    return StackArtifact(
        name=properties.get("stackName", name),
        account=environment["account"],
        region=environment["region"],
        template=_read_json(directory / properties["templateFile"]),
    )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CloudAssemblyError(f"{path} cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise CloudAssemblyError(f"{path} holds no JSON object")
    return document
