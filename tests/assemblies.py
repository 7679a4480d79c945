"""Cloud assemblies for tests: each configuration is synthesized once, and kept while its sources stay."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from aws_cdk import App

import app as deployment
from stacks.configuration.reading import read_configuration

_PROJECT = Path(deployment.__file__).parent
_KEPT = _PROJECT / "build" / "assemblies"
_MOST_KEPT = 200
# Staging copies the functions' packages, which no test of a template looks at.
_WITHOUT_COPIES = {"aws:cdk:disable-asset-staging": True}


def kept_assembly(configuration: Mapping[str, Any]) -> Path:
    """Return the cloud assembly of a `rootwarden` block; raise ConfigurationError where it has mistakes.

    It is synthesized in this process, unless this or another process has done so from the same sources.
    """
    read_configuration({"rootwarden": configuration})
    text = json.dumps(configuration, sort_keys=True)
    kept = _KEPT / hashlib.sha256(f"{_sources()}{text}".encode()).hexdigest()[:20]
    _KEPT.mkdir(parents=True, exist_ok=True)
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.is_dir():
            made = kept.with_suffix(f".{os.getpid()}")
            synthesize(configuration, made)
            made.rename(kept)
    return kept


def synthesize(configuration: Mapping[str, Any], directory: Path) -> None:
    """Synthesize the app's own composition into a directory, whatever is kept."""
    context = {**deployment.project_context(), **_WITHOUT_COPIES, "rootwarden": dict(configuration)}
    cdk_app = App(outdir=str(directory), context=context)
    deployment.compose(cdk_app, read_configuration(context))
    cdk_app.synth()


@cache
def _sources() -> str:
    """Return a digest of every file a template depends on."""
    digest = hashlib.sha256()
    for path in sorted(_files()):
        digest.update(f"{path.relative_to(_PROJECT)}\0".encode())
        digest.update(path.read_bytes())
    _drop_old()
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    yield from (_PROJECT / name for name in ("app.py", "cdk.json", "requirements.txt"))
    # What stacks may import: import contracts see to it. A function's key in the asset bucket is a digest
    # of all its code, and may be an older one's here: no test of a kept assembly looks at it.
    yield from (_PROJECT / "rootwarden").glob("*.py")
    for directory in ("stacks", "rootwarden/contract"):
        for path in (_PROJECT / directory).rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                yield path


def _drop_old() -> None:
    """Keep what was made last."""
    if not _KEPT.is_dir():
        return
    made = sorted(_KEPT.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in made[_MOST_KEPT:]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
