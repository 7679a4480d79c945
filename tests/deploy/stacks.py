"""CloudFormation stacks of the local engine, made and changed without CDK's command line."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.deploy.lifecycle import OTHER_REGION, STACKS
from tests.deploy.local_engine import REGION, LocalEngine

CAPABILITIES = ["CAPABILITY_NAMED_IAM"]
_BUCKET = "templates-of-ours"
_WAIT = {"Delay": 1, "MaxAttempts": 120}


def region_of(stack: str) -> str:
    """Return where a stack is."""
    return OTHER_REGION if stack.endswith(OTHER_REGION) else REGION


def apply(engine: LocalEngine, account: str, templates: Mapping[str, Mapping[str, Any]], how: str) -> None:
    """Create or update each stack; `how` is the one or the other. Templates are too long for a request."""
    s3 = engine.client("s3", account)
    s3.create_bucket(Bucket=_BUCKET)
    for stack in STACKS:
        cloudformation = engine.client("cloudformation", account, region_of(stack))
        s3.put_object(Bucket=_BUCKET, Key=stack, Body=json.dumps(templates[stack]).encode())
        url = f"https://s3.amazonaws.com/{_BUCKET}/{stack}"
        getattr(cloudformation, f"{how}_stack")(StackName=stack, TemplateURL=url, Capabilities=CAPABILITIES)
        cloudformation.get_waiter(f"stack_{how}_complete").wait(StackName=stack, WaiterConfig=_WAIT)


def remove(engine: LocalEngine, account: str) -> None:
    """Delete every stack, the hub last."""
    for stack in reversed(STACKS):
        cloudformation = engine.client("cloudformation", account, region_of(stack))
        cloudformation.delete_stack(StackName=stack)
        cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig=_WAIT)


def code_of(templates: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str, bool]]:
    """Yield bucket and key of all code that templates name, and whether it is what enables root access."""
    for template in templates.values():
        for resource in template["Resources"].values():
            properties = resource.get("Properties", {})
            code = properties.get("Code") or properties.get("Content") or {}
            if isinstance(code, dict) and "S3Key" in code:
                is_enabling = str(properties.get("Runtime", "")).startswith("nodejs")
                yield code["S3Bucket"], code["S3Key"], is_enabling


def zipped(directory: Path | None) -> bytes:
    """Return a directory as a zip file; without one, a file that says nothing."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        if directory is None:
            archive.writestr("python/nothing.py", "")
        else:
            for path in directory.rglob("*"):
                archive.write(path, path.relative_to(directory))
    return made.getvalue()
