"""The version stands in pyproject.toml alone; templates and rootctl say that one."""

import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rootctl.app import app
from rootctl.errors import Exit
from stacks.version import NotInstalled, described
from tests.templates.synthesized import Deployment

PROJECT = Path(__file__).parents[2]
VERSION = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def test_what_is_installed_is_the_version_of_the_project() -> None:
    assert version("rootwarden") == VERSION, "installed before the version changed: make setup"


def test_rootctl_says_it() -> None:
    result = CliRunner().invoke(app, ["--version"])

    assert (result.output, result.exit_code) == (f"rootctl {VERSION}\n", Exit.DONE)


def test_each_template_says_it(deployed: Deployment) -> None:
    for template in deployed.templates.values():
        assert template.body["Description"].startswith(f"rootwarden {VERSION}: "), template.name


def test_a_release_alone_updates_no_member_account(deployed: Deployment) -> None:
    assert deployed.member.body["Description"] == "rootwarden: forwards root activity to the hub"


def test_without_an_installation_the_next_step_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("rootctl.app.version", missing)
    monkeypatch.setattr("stacks.version.version", missing)

    result = CliRunner().invoke(app, ["--version"])
    assert result.exit_code == Exit.FAILED
    assert "make setup" in result.output
    with pytest.raises(NotInstalled, match="make setup"):
        described("anything")
