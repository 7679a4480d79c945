"""The commands of docs/upgrading.md, in a clone whose configuration stands in 0.1's cdk.json, both ways."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stacks.configuration.reading import read_configuration
from stacks.configuration.source import read_file
from tests.docs.page import Page

_CHECKOUT = Path(__file__).parents[2]
_CLONED = (Path(__file__).parent / "from_0_1" / "cdk.json").read_text(encoding="utf-8")
_PAGE = Page("docs/upgrading.md")
# What takes the network, or AWS.
_NOT_HERE = ("make ", "npx ")
_OWN = {
    "management_account_id": "111122223333",
    "organization_id": "o-aa111bb222",
    "organization_root_id": "r-ab12",
    "hub_account_id": "012345678901",
    "alert_emails": ["security@example.com"],
    "exemptions": [{"account": "555566667777", "reason": "no", "until": "2999-01-31"}],
}


def _run(directory: Path, *command: str) -> str:
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        **{
            f"GIT_{who}_{what}": "a@example.com"
            for who in ("AUTHOR", "COMMITTER")
            for what in ("NAME", "EMAIL")
        },
    }
    ended = subprocess.run(  # noqa: S603 - commands of this repository
        command, cwd=directory, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, (command, ended.stdout, ended.stderr)
    return ended.stdout


def _release(repository: Path, tag: str) -> None:
    _run(repository, "git", "add", "--all")
    _run(repository, "git", "commit", "--quiet", "--message", tag)
    _run(repository, "git", "tag", tag)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone at 0.1, whose origin has this version as well."""
    origin = tmp_path / "origin"
    origin.mkdir()
    _run(origin, "git", "init", "--quiet")
    (origin / ".gitignore").write_text(".venv*/\n__pycache__/\n", encoding="utf-8")
    (origin / "cdk.json").write_text(_CLONED, encoding="utf-8")
    _release(origin, "v0.1.0")
    clone = tmp_path / "clone"
    _run(tmp_path, "git", "clone", "--quiet", str(origin), str(clone))
    for name in (".gitignore", "cdk.json"):
        shutil.copy(_CHECKOUT / name, origin / name)
    for name in ("stacks", "rootwarden"):
        shutil.copytree(_CHECKOUT / name, origin / name, ignore=shutil.ignore_patterns("__pycache__"))
    _release(origin, "v0.2.0")
    _run(clone, "git", "checkout", "--quiet", "v0.1.0")
    # What make setup makes.
    python = clone / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    return clone


def _edited(clone: Path, **changes: object) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(_CLONED)
    document["context"]["rootwarden"] |= {**_OWN, **changes}
    (clone / "cdk.json").write_text(json.dumps(document, indent=2), encoding="utf-8")
    return document


def _commit(clone: Path) -> None:
    _run(clone, "git", "checkout", "--quiet", "-b", "ours")
    _run(clone, "git", "commit", "--quiet", "--all", "--message", "Configure it")


def _type(clone: Path, heading: str) -> None:
    commands = "".join(_PAGE.blocks(heading, "sh")).splitlines()
    typed = [each for each in commands if not each.startswith(_NOT_HERE)]
    assert any(each.startswith("git checkout v0.") or "git checkout v0." in each for each in typed)
    _run(clone, "sh", "-ec", "\n".join(typed))


@pytest.mark.parametrize("keep", [lambda _clone: None, _commit], ids=["edited", "committed"])
def test_the_configuration_comes_along_both_ways(clone: Path, keep: Callable[[Path], None]) -> None:
    before = _edited(clone)
    keep(clone)

    _type(clone, "Update")

    block: Any = read_file(clone / "rootwarden.yaml")
    configuration = read_configuration({"rootwarden": block})
    assert configuration.hub_account_id == "012345678901"
    assert configuration.exemptions[0].reason == "no"
    assert configuration.sweep.mode == "observe"
    assert configuration.hardening.keep_used_within_days == 30
    assert (clone / "cdk.json").read_text(encoding="utf-8") == (_CHECKOUT / "cdk.json").read_text("utf-8")
    assert _run(clone, "git", "describe", "--tags").strip() == "v0.2.0"

    _type(clone, "Back to 0.1.0")

    assert _run(clone, "git", "describe", "--tags").strip() == "v0.1.0"
    assert json.loads((clone / "cdk.json").read_text(encoding="utf-8")) == before


def test_who_removed_keys_in_use_keeps_none_now(clone: Path) -> None:
    _edited(clone, remove_recently_used_keys=True)

    _type(clone, "Update")

    block: Any = read_file(clone / "rootwarden.yaml")
    assert read_configuration({"rootwarden": block}).hardening.keep_used_within_days == 0


def test_every_key_of_0_1_that_is_refused_now_is_named_on_the_page() -> None:
    assert "`remove_recently_used_keys`" in _PAGE.section("Before")


@pytest.mark.parametrize("heading", ["Update", "Back to 0.1.0"])
def test_the_path_brings_node_before_it_is_typed(heading: str) -> None:
    commands = "".join(_PAGE.blocks(heading, "sh"))

    assert 'export PATH="$PWD/.venv/bin:$PATH"' in commands.partition("npx ")[0]
