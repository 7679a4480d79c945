"""Puts what the checkout keeps apart into one package: nobody's own `stacks` or `lambdas` gets in its way.

In the wheel stacks/ is `rootwarden.cdk`, and lambdas/ lies in it as the code that the functions get. Stacks
import each other as `stacks.…`, as the checkout has them; their copies say `rootwarden.cdk.…`.
"""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

_MOVED = {"stacks": "rootwarden.cdk", "lambdas": "rootwarden.cdk.lambdas"}
_IMPORTED = re.compile(r"^(\s*from )stacks\b", re.MULTILINE)


class _Moved(build_py):
    def build_module(self, module: str, module_file: str, package: str) -> tuple[str, bool]:
        made: tuple[str, bool] = super().build_module(module, module_file, package)
        if package.startswith(_MOVED["stacks"]):
            path = Path(made[0])
            text = path.read_text(encoding="utf-8")
            path.write_text(_IMPORTED.sub(rf"\1{_MOVED['stacks']}", text), encoding="utf-8")
        return made


def _folders() -> dict[str, str]:
    """Return where each package comes from, by its name in the wheel."""
    own = find_packages(include=["rootctl*", "rootwarden*"])
    apart = find_packages(include=[f"{name}*" for name in _MOVED])
    moved = {name.replace(top, _MOVED[top], 1): name for name in apart for top in [name.partition(".")[0]]}
    return {
        name: folder.replace(".", "/")
        for name, folder in {**dict(zip(own, own, strict=True)), **moved}.items()
    }


setup(
    packages=sorted(_folders()),
    package_dir=_folders(),
    package_data={_MOVED["lambdas"]: ["requirements.txt"]},
    cmdclass={"build_py": _Moved},
)
