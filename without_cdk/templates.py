"""Templates whose code comes from any bucket, by parameters, in place of CDK's bootstrapped one."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

BUCKET, PREFIX = "CodeBucket", "CodePrefix"
_PARAMETERS: Mapping[str, object] = {
    BUCKET: {
        "Type": "String",
        "Description": "The bucket with the functions' code, in this stack's Region",
        "AllowedPattern": "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
    },
    PREFIX: {
        "Type": "String",
        "Description": "What the keys of the code begin with: nothing, or a folder with a slash at its end",
        "Default": "",
        "AllowedPattern": "^([A-Za-z0-9._-]+/)*$",
    },
}
_BOOTSTRAP_PARAMETER, _BOOTSTRAP_RULE = "BootstrapVersion", "CheckBootstrapVersion"
# Where resources name their code, and the names of bucket and key there.
_CODE = {
    "AWS::Lambda::Function": "Code",
    "AWS::Lambda::LayerVersion": "Content",
}


class UnknownCode(Exception):
    """When a template names code that is none of the assembly's assets, or somewhere else than known."""


def without_bootstrap(template: Mapping[str, Any], files: Mapping[str, str]) -> dict[str, Any]:
    """Return the template with its code in `CodeBucket`; files: the code's, by its key in CDK's bucket."""
    changed = deepcopy(dict(template))
    changed.get("Parameters", {}).pop(_BOOTSTRAP_PARAMETER, None)
    changed.get("Rules", {}).pop(_BOOTSTRAP_RULE, None)
    coded = list(_code_of(changed))
    for code in coded:
        if code["S3Key"] not in files:
            raise UnknownCode(f"no asset has the key {code['S3Key']}")
        code["S3Key"] = {"Fn::Sub": f"${{{PREFIX}}}{files[code['S3Key']]}"}
        code["S3Bucket"] = {"Ref": BUCKET}
    if coded:
        changed["Parameters"] = {**changed.get("Parameters", {}), **_PARAMETERS}
    left = [name for name in ("Parameters", "Rules") if changed.get(name) == {}]
    whole = {name: part for name, part in changed.items() if name not in left}
    if "cdk-hnb659fds" in str(whole):
        raise UnknownCode("the template still names something of CDK's bootstrapping")
    return whole


def _code_of(template: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in template["Resources"].values():
        code = resource.get("Properties", {}).get(_CODE.get(resource["Type"], ""), {})
        if "S3Key" in code:
            yield code
