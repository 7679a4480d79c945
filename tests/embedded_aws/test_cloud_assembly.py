import json
from pathlib import Path

import pytest

from embedded_aws.cloudformation.assembly import CloudAssemblyError, read_assembly
from tests.embedded_aws.templates import Stack, write_assembly


def test_stacks_come_after_those_they_depend_on(tmp_path: Path) -> None:
    write_assembly(tmp_path, Stack(name="B", resources={}, depends_on=["A"]), Stack(name="A", resources={}))
    assert [stack.name for stack in read_assembly(tmp_path)] == ["A", "B"]


def test_a_circle_is_an_error(tmp_path: Path) -> None:
    write_assembly(
        tmp_path,
        Stack(name="B", resources={}, depends_on=["A"]),
        Stack(name="A", resources={}, depends_on=["B"]),
    )
    with pytest.raises(CloudAssemblyError, match="circle"):
        read_assembly(tmp_path)


def test_a_stack_without_account_and_region_is_an_error(tmp_path: Path) -> None:
    write_assembly(tmp_path, Stack(name="A", resources={}))
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["artifacts"]["A"]["environment"] = "aws://unknown-account/unknown-region"
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CloudAssemblyError, match="A names no account and Region"):
        read_assembly(tmp_path)


def test_a_directory_that_is_no_assembly_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CloudAssemblyError, match=r"manifest\.json"):
        read_assembly(tmp_path)
