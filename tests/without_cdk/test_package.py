"""`make package`: templates that need no bootstrapping, and code of the same bytes each time."""

import json
import os
import zipfile
from pathlib import Path

import pytest

from tests.templates.synthesized import Deployment, synthesized
from without_cdk.__main__ import CHECKSUMS, package
from without_cdk.archives import archive, digest
from without_cdk.templates import BUCKET, UnknownCode, without_bootstrap


@pytest.fixture(scope="session")
def deployed() -> Deployment:
    """The tests' configuration, synthesized once."""
    return synthesized()


def tree(root: Path, *names: str) -> Path:
    """Write files, the first named first."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    return root


def files_of(deployed: Deployment) -> dict[str, str]:
    """Return a made-up file for each asset of the deployment, by its key."""
    manifests = [json.loads(path.read_text()) for path in deployed.directory.glob("*.assets.json")]
    assets = [asset for manifest in manifests for asset in manifest["files"].values()]
    keys = [each["objectKey"] for asset in assets for each in asset["destinations"].values()]
    return {key: f"code-{key}" for key in keys}


def test_templates_need_nothing_of_cdk(deployed: Deployment) -> None:
    files = files_of(deployed)
    for template in deployed.templates.values():
        body = without_bootstrap(template.body, files)

        code = [each["Properties"]["Code"] for each in body["Resources"].values() if _is_function(each)]
        assert bool(code) == (BUCKET in body.get("Parameters", {})), template.name
        assert all(each["S3Bucket"] == {"Ref": BUCKET} for each in code)
        assert all("${CodePrefix}code-" in each["S3Key"]["Fn::Sub"] for each in code)
        assert "Rules" not in body
        assert "Bootstrap" not in json.dumps(body)
        assert body["Resources"].keys() == template.body["Resources"].keys()


def _is_function(resource: dict[str, object]) -> bool:
    return resource["Type"] == "AWS::Lambda::Function"


def test_code_that_no_asset_has_is_refused(deployed: Deployment) -> None:
    with pytest.raises(UnknownCode, match="no asset has the key"):
        without_bootstrap(deployed.hub.body, {})


def test_archives_are_the_same_whenever_and_however_their_files_were_written(tmp_path: Path) -> None:
    first = tree(tmp_path / "first", "lambdas/a.py", "rootwarden/b.py")
    second = tree(tmp_path / "second", "rootwarden/b.py", "lambdas/a.py")
    (second / "lambdas" / "a.py").chmod(0o700)
    os.utime(second / "rootwarden" / "b.py", (10**9, 10**9))

    for source in (first, second):
        archive(source, source.with_suffix(".zip"))

    assert digest(first.with_suffix(".zip")) == digest(second.with_suffix(".zip"))
    assert zipfile.ZipFile(first.with_suffix(".zip")).namelist() == ["lambdas/a.py", "rootwarden/b.py"]


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    """A cloud assembly of one stack, with a function and a layer."""
    made = tree(tmp_path / "cdk.out", "asset.1/lambdas/a.py", "asset.2/python/b.py")
    destinations = [{"any": {"objectKey": f"{number}.zip"}} for number in (1, 2)]
    assets = {
        str(number): {"source": {"path": f"asset.{number}", "packaging": "zip"}, "destinations": to}
        for number, to in enumerate(destinations, 1)
    }
    (made / "Hub.assets.json").write_text(json.dumps({"files": assets}))
    function = {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"S3Bucket": "b", "S3Key": "1.zip"}}}
    (made / "Hub.template.json").write_text(json.dumps({"Resources": {"Function": function}}))
    artifacts = {
        "Hub.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Hub.assets.json"}},
        "Hub": {
            "type": "aws:cloudformation:stack",
            "properties": {"templateFile": "Hub.template.json"},
        },
        "Tree": {"type": "cdk:tree", "properties": {"file": "tree.json"}},
    }
    (made / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return made


def test_what_is_packaged_names_its_content(assembly: Path, tmp_path: Path) -> None:
    package(assembly, tmp_path / "dist")
    before = (tmp_path / "dist" / CHECKSUMS).read_text()
    (assembly / "asset.1" / "lambdas" / "a.py").write_text("changed")
    package(assembly, tmp_path / "dist")
    after = (tmp_path / "dist" / CHECKSUMS).read_text()

    names = [line.split()[1] for line in after.splitlines()]
    assert [name.partition("-")[0] for name in names] == ["Hub.template.json", "functions", "layer"]
    assert sorted(names) == sorted({path.name for path in (tmp_path / "dist").iterdir()} - {CHECKSUMS})
    assert before != after
    assert before.splitlines()[2] == after.splitlines()[2], "the layer did not change"
    assert names[1] in (tmp_path / "dist" / "Hub.template.json").read_text()


def test_what_an_earlier_configuration_left_behind_is_not_packaged(assembly: Path, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    package(assembly, dist)
    made = {path.name for path in dist.iterdir()}
    # CDK never empties its output directory.
    tree(assembly, "asset.3/lambdas/old.py")
    source = {"source": {"path": "asset.3", "packaging": "zip"}, "destinations": {"any": {"objectKey": "3"}}}
    (assembly / "Old.assets.json").write_text(json.dumps({"files": {"3": source}}))
    (assembly / "Old.template.json").write_text(json.dumps({"Resources": {}}))
    tree(dist, "Older.template.json")

    package(assembly, dist)

    assert {path.name for path in dist.iterdir()} == made
