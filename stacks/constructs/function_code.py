"""Where the functions' code and packages are: in the checkout, or in the wheel."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from aws_cdk import IgnoreMode
from aws_cdk import aws_lambda as lambda_

import rootwarden
from stacks.layer import INSTALLED, LAMBDAS, LAYER

_ALL_BUT_THE_CODE = [
    *("*", "!lambdas", "!lambdas/**", "!rootwarden", "!rootwarden/**"),
    *("lambdas/requirements.*", "**/__pycache__"),
]


class LayerMissing(Exception):
    """When the functions' packages have not been built yet."""


def function_code() -> lambda_.Code:
    """Return lambdas/ and rootwarden/, which every function gets."""
    root = _gathered() if INSTALLED else LAMBDAS.parent
    return lambda_.Code.from_asset(str(root), exclude=_ALL_BUT_THE_CODE, ignore_mode=IgnoreMode.GIT)


def layer_code() -> lambda_.Code:
    """Return the packages; raise LayerMissing where they have not been built."""
    if not (LAYER / "python").is_dir():
        how = "python -m rootwarden.cdk.layer" if INSTALLED else "make setup"
        raise LayerMissing(f"{LAYER} is missing: run `{how}` first")
    return lambda_.Code.from_asset(str(LAYER), exclude=[".installed", "bin"])


@cache
def _gathered() -> Path:
    """Return a folder with both side by side, as functions import them; it lasts as long as this process."""
    folder = Path(tempfile.mkdtemp(prefix="rootwarden-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(LAMBDAS, folder / "lambdas")
    package = Path(rootwarden.__file__).parent
    shutil.copytree(package, folder / "rootwarden", ignore=shutil.ignore_patterns("cdk", "__pycache__"))
    return folder
