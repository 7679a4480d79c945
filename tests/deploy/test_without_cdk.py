"""What `make package` writes, deployed by `aws cloudformation deploy`; the other ways name what is in it."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.deploy.deployed_resources import DeployedResources, deployed_resources
from tests.deploy.event_journey import email_about
from tests.deploy.lifecycle import MANAGEMENT, STACKS, Lifecycle
from tests.deploy.local_engine import PROJECT, LocalEngine
from tests.deploy.stacks import region_of, remove
from without_cdk.__main__ import CHECKSUMS, package
from without_cdk.archives import digest

pytestmark = pytest.mark.deploy

BUCKET, PREFIX = "code-of-ours", "rootwarden/"
EXAMPLES = PROJECT / "examples"
AWS = PROJECT / ".venv-deploy" / "bin" / "aws"
PYTHON = AWS.with_name("python")


@pytest.fixture(scope="module")
def dist(engine: LocalEngine, lifecycle: Lifecycle) -> Path:
    """The package of the deployment that CDK deployed before, and removed."""
    assert lifecycle.second_run.succeeded
    package(engine.home / f"cdk.out-{MANAGEMENT}", engine.home / "dist")
    return engine.home / "dist"


@pytest.fixture(scope="module")
def deployed(engine: LocalEngine, dist: Path) -> Iterator[DeployedResources]:
    """Everything, deployed as docs/ways-to-deploy.md says."""
    _aws(engine, "s3", "mb", f"s3://{BUCKET}")
    _aws(
        engine,
        "s3",
        "cp",
        str(dist),
        f"s3://{BUCKET}/{PREFIX}",
        "--recursive",
        "--exclude",
        "*",
        "--include",
        "*.zip",
    )
    for stack in STACKS:
        template = dist / f"{stack}.template.json"
        words = ["--stack-name", stack, "--template-file", str(template), "--region", region_of(stack)]
        if "CodeBucket" in template.read_text(encoding="utf-8"):
            words += [
                "--s3-bucket",
                BUCKET,
                "--parameter-overrides",
                f"CodeBucket={BUCKET}",
                f"CodePrefix={PREFIX}",
            ]
        _aws(engine, "cloudformation", "deploy", *words, "--capabilities", "CAPABILITY_NAMED_IAM")
    yield deployed_resources(engine, MANAGEMENT)
    remove(engine, MANAGEMENT)


def _aws(engine: LocalEngine, *words: str) -> str:
    ended = subprocess.run(  # noqa: S603 - the AWS CLI with this file's words
        [str(PYTHON), str(AWS), *words],
        cwd=engine.home,
        env=engine.environment(MANAGEMENT) | {"AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_the_same_sources_give_the_same_bytes(engine: LocalEngine, dist: Path) -> None:
    package(engine.home / f"cdk.out-{MANAGEMENT}", engine.home / "dist-again")

    sums = (dist / CHECKSUMS).read_text(encoding="utf-8")
    assert (engine.home / "dist-again" / CHECKSUMS).read_text(encoding="utf-8") == sums
    for line in sums.splitlines():
        said, name = line.split("  ")
        assert digest(dist / name) == said


def test_it_is_the_deployment_that_cdk_makes(lifecycle: Lifecycle, deployed: DeployedResources) -> None:
    def handlers(resources: DeployedResources) -> list[str]:
        return sorted(each["Handler"] for each in resources.functions.values())

    assert handlers(deployed) == handlers(lifecycle.deployed.resources)
    assert deployed.rules.keys() == lifecycle.deployed.resources.rules.keys()
    assert deployed.stack_sets.keys() == lifecycle.deployed.resources.stack_sets.keys()


def test_its_functions_work(engine: LocalEngine, deployed: DeployedResources) -> None:
    assert "root signed in without MFA" in email_about(engine, MANAGEMENT, deployed)


def test_other_ways_name_what_the_package_has(dist: Path) -> None:
    hub = json.loads((dist / "RootWardenHub.template.json").read_text(encoding="utf-8"))
    zone = yaml.safe_load((EXAMPLES / "landing_zone_accelerator/customizations-config.yaml").read_text())
    tower = yaml.safe_load((EXAMPLES / "control_tower/manifest.yaml").read_text())

    stacks = zone["customizations"]["cloudFormationStacks"]
    assert [Path(each["template"]).name for each in stacks] == [f"{name}.template.json" for name in STACKS]
    assert {each["name"] for stack in stacks for each in stack.get("parameters", [])} <= hub[
        "Parameters"
    ].keys()
    [resource] = tower["resources"]
    assert (dist / Path(resource["resource_file"]).name).exists()
    assert {each["parameter_key"] for each in resource["parameters"]} <= hub["Parameters"].keys()


def test_the_terraform_module_parses_and_makes_the_stacks() -> None:
    read = "import hcl2, json, sys; print(json.dumps(hcl2.load(open(sys.argv[1]))))"
    module = EXAMPLES / "terraform" / "main.tf"
    printed = subprocess.run(  # noqa: S603 - a parser with this file's words
        [str(PYTHON), "-c", read, str(module)], capture_output=True, text=True, check=True
    )

    made = json.loads(printed.stdout)["resource"]
    stacks = [body for each in made for kind, body in each.items() if "aws_cloudformation_stack" in kind]
    assert len(stacks) == len(STACKS)
    assert all(f"${{var.name_prefix}}{name}" in printed.stdout for name in STACKS[:2])
    assert str(stacks).count("CodeBucket") == len(STACKS[:2])
    # By default it gives up after 30 minutes, and creates the stack anew the next time
    assert all("timeouts" in str(body) for body in stacks)
    assert str(stacks).count("24h") == len(("create", "update", "delete"))
