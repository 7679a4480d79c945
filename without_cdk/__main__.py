"""`make package`: from the synthesized deployment to templates, zip files and their checksums in dist/."""

import argparse
import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from without_cdk.archives import archive, digest
from without_cdk.templates import UnknownCode, without_bootstrap

CHECKSUMS = "SHA256SUMS"
_SHORT = 12


def package(assembly: Path, target: Path) -> None:
    """Write everything that an assembly deploys; raise UnknownCode where it is none that can be packaged."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    files: dict[str, str] = {}
    for manifest in _files(assembly, "cdk:asset-manifest", "file"):
        files |= _archived(assembly, json.loads(manifest.read_text(encoding="utf-8")), target)
    for template in _files(assembly, "aws:cloudformation:stack", "templateFile"):
        body = without_bootstrap(json.loads(template.read_text(encoding="utf-8")), files)
        (target / template.name).write_text(json.dumps(body, indent=1) + "\n", encoding="utf-8")
    made = sorted(path for path in target.iterdir() if path.name != CHECKSUMS)
    sums = "".join(f"{digest(path)}  {path.name}\n" for path in made)
    (target / CHECKSUMS).write_text(sums, encoding="utf-8")


def _files(assembly: Path, kind: str, key: str) -> list[Path]:
    """Return what the assembly's manifest names: other files are of configurations synthesized before."""
    artifacts = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))["artifacts"].values()
    return [assembly / each["properties"][key] for each in artifacts if each["type"] == kind]


def _archived(assembly: Path, manifest: Mapping[str, Any], target: Path) -> dict[str, str]:
    """Archive each directory of code; return the file's name by its key in CDK's bucket."""
    files: dict[str, str] = {}
    for asset in manifest["files"].values():
        source, destinations = asset["source"], asset["destinations"]
        if source["packaging"] != "zip":
            continue  # the stack's own template
        made = target / "code.zip"
        archive(assembly / source["path"], made)
        named = f"{_named(assembly / source['path'])}-{digest(made)[:_SHORT]}.zip"
        made.rename(target / named)
        files |= dict.fromkeys((each["objectKey"] for each in destinations.values()), named)
    return files


def _named(directory: Path) -> str:
    """Say what a directory of code is."""
    if (directory / "lambdas").is_dir():
        return "functions"
    return "layer" if (directory / "python").is_dir() else "enabling"


def main() -> None:
    """Write, or say why not."""
    parser = argparse.ArgumentParser(prog="python -m without_cdk", description=__doc__)
    parser.add_argument("--assembly", type=Path, default=Path("cdk.out"), help="what cdk synth wrote")
    parser.add_argument("--directory", type=Path, default=Path("dist"), help="where the files go")
    given = parser.parse_args()
    try:
        package(given.assembly, given.directory)
    except UnknownCode as error:
        sys.exit(f"{given.assembly} cannot be packaged: {error}")
    lines = (given.directory / CHECKSUMS).read_text(encoding="utf-8")
    sys.stdout.write(f"Wrote {given.directory}:\n{lines}How to deploy it: docs/ways-to-deploy.md\n")


if __name__ == "__main__":
    main()
