"""One line says the version: templates, outcomes and rootctl read it there."""

import re
import tomllib
from pathlib import Path

from typer.testing import CliRunner

from rootctl.app import app
from rootctl.errors import Exit
from rootwarden import __version__
from tests.templates.synthesized import Deployment

PROJECT = Path(__file__).parents[2]


def test_the_wheel_takes_its_version_from_the_code() -> None:
    document = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))

    assert "version" not in document["project"]
    assert document["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "rootwarden.__version__"}


def test_the_changelog_begins_with_this_version() -> None:
    headings = re.findall(
        r"^## \[([\d.]+)\] - (\S+)$", (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M
    )

    assert headings[0][0] == __version__
    days = [date for version, date in headings if (version, date) != (__version__, "unreleased")]
    assert all(re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", day) for day in days)
    assert f"## From {headings[1][0]} to {__version__}\n" in (PROJECT / "docs/upgrading.md").read_text(
        encoding="utf-8"
    )


def test_rootctl_says_it() -> None:
    result = CliRunner().invoke(app, ["--version"])

    assert (result.output, result.exit_code) == (f"rootctl {__version__}\n", Exit.DONE)


def test_each_template_says_it(deployed: Deployment) -> None:
    for template in deployed.templates.values():
        assert template.body["Description"].startswith(f"rootwarden {__version__}: "), template.name


def test_a_release_alone_updates_no_member_account(deployed: Deployment) -> None:
    assert deployed.member.body["Description"] == "rootwarden: forwards root activity to the hub"
