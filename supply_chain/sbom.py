"""`python -m supply_chain.sbom`: lists what is installed, as CycloneDX, exactly what the lock files pin."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

DIRECTORY = Path("build/sbom")
# What deploys, and what runs in the functions.
LOCKS = {"rootwarden": "requirements.txt", "rootwarden-functions": "lambdas/requirements.txt"}
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", re.MULTILINE)


class Incomplete(Exception):
    """When a list does not name exactly what its lock file pins."""


def pinned(lock: str) -> set[tuple[str, str]]:
    """Return name and version of all that a lock file's text pins."""
    return {(_canonical(name), version) for name, version in _PINNED.findall(lock)}


def listed(document: str) -> set[tuple[str, str]]:
    """Return name and version of each component of a CycloneDX document that has a hash."""
    components = json.loads(document).get("components", [])
    hashed = [
        component
        for component in components
        if any(reference.get("hashes") for reference in component.get("externalReferences", []))
    ]
    return {(_canonical(component["name"]), component["version"]) for component in hashed}


def check(name: str, document: str, lock: str) -> int:
    """Return how many packages are listed; raise Incomplete unless they are those of the lock file."""
    different = listed(document) ^ pinned(lock)
    if different or not pinned(lock):
        names = ", ".join(sorted(package for package, _ in different)) or "nothing is pinned"
        raise Incomplete(f"{name} and its lock file differ: {names}. Renew both: make lock sbom")
    return len(listed(document))


def main() -> None:
    """Write the lists into build/sbom, the same bytes for the same lock files."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for name, lock in LOCKS.items():
        target = DIRECTORY / f"{name}.cdx.json"
        document = _made(lock)
        try:
            count = check(target.name, document, Path(lock).read_text(encoding="utf-8"))
        except Incomplete as error:
            sys.exit(str(error))
        target.write_text(document, encoding="utf-8")
        sys.stdout.write(f"Wrote {target}: {count} packages with version and hashes, those of {lock}\n")


def _made(lock: str) -> str:
    command = [
        ".venv-audit/bin/python",
        # It warns that a list of packages does not say which needs which. That is so.
        "-Wignore::UserWarning",
        "-m",
        "cyclonedx_py",
        "requirements",
        lock,
        "--pyproject=pyproject.toml",
        "--output-reproducible",
        "--output-format=JSON",
    ]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - our own words
    return ended.stdout


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
