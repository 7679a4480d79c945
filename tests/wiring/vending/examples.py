"""The example templates in a cloud assembly, beside rootwarden's own stacks."""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.embedded_aws.templates import HUB, Stack, write_assembly

EXAMPLES = Path(__file__).parents[3] / "examples" / "vending"
VENDING = "333344445555"
BUS_ARN = f"arn:aws:events:us-east-1:{VENDING}:event-bus/account-hardening"
WAIT_ARN = f"arn:aws:states:us-east-1:{VENDING}:stateMachine:account-hardened"
ANSWER_ARN = f"{WAIT_ARN.removesuffix('hardened')}hardening-answer"


def with_examples(assembly: Path, directory: Path) -> Path:
    """Return an assembly of everything in `assembly` and the two examples."""
    write_assembly(
        directory,
        _example("wait-until-hardened", account=VENDING, HubAccountId=HUB),
        _example("send-outcomes", account=HUB, depends_on="RootWardenHub", VendingBusArn=BUS_ARN),
    )
    examples = _manifest(directory)["artifacts"]
    for path in assembly.iterdir():
        if path.name != "manifest.json":
            (directory / path.name).symlink_to(path)
    manifest = {"artifacts": {**_manifest(assembly)["artifacts"], **examples}}
    (directory / "manifest.json").write_text(json.dumps(manifest))
    return directory


def _example(name: str, *, account: str, depends_on: str | None = None, **parameters: str) -> Stack:
    # It knows the short forms (!Ref) that a YAML reader does not; it has no types.
    template, mistakes = import_module("cfnlint.decode").decode(str(EXAMPLES / f"{name}.yaml"))
    assert not mistakes
    document: dict[str, Any] = json.loads(json.dumps(template))
    for parameter, value in parameters.items():
        document["Parameters"][parameter]["Default"] = value
    return Stack(
        resources=document.pop("Resources"),
        name=name,
        account=account,
        depends_on=[depends_on] if depends_on else [],
        rest=document,
    )


def _manifest(assembly: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((assembly / "manifest.json").read_text())
    return manifest
