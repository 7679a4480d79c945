"""What release 0.1 left behind: its templates, messages, items and reports, recorded from its code.

The templates are of two deployments: `everything` is the tests' configuration with all that was optional,
`one_account` is what `make test-deploy` deploys.
"""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent / "from_0_1"

Template = Mapping[str, Any]


def templates(name: str) -> dict[str, Template]:
    """Return a deployment's templates by stack."""
    found: dict[str, Template] = json.loads(gzip.decompress((_HERE / f"{name}.json.gz").read_bytes()))
    return found


def members_template(organization: Template) -> Template:
    """Return the template that an organization's stack hands to members."""
    [stack_set] = [
        resource
        for resource in organization["Resources"].values()
        if resource["Type"] == "AWS::CloudFormation::StackSet"
    ]
    template: Template = json.loads(stack_set["Properties"]["TemplateBody"])
    return template


def recorded(kind: str) -> list[Any]:
    """Return what was recorded of a kind, in the order it was in."""
    found: list[Any] = json.loads((_HERE / "recorded.json").read_text(encoding="utf-8"))[kind]
    return found
