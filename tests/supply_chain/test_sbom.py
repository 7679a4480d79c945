"""make sbom: a list names exactly what its lock file pins, each with a hash, or is not written."""

import json
import re
from typing import Any

import pytest

from supply_chain.sbom import LOCKS, Incomplete, check, pinned
from tests.docs.page import PROJECT

LOCK = """\
moto[server]==5.2.5 \\
    --hash=sha256:aa
ruamel-yaml==0.19.1 ; sys_platform == 'win32' \\
    --hash=sha256:bb
    # via moto
"""
_HASHED = [{"type": "distribution", "hashes": [{"alg": "SHA-256", "content": "aa"}]}]


def _component(name: str, version: str, references: Any = _HASHED) -> dict[str, Any]:
    return {"name": name, "version": version, "externalReferences": references}


MOTO, RUAMEL = _component("moto", "5.2.5"), _component("ruamel.yaml", "0.19.1")


def _document(*components: dict[str, Any]) -> str:
    return json.dumps({"bomFormat": "CycloneDX", "components": components})


def test_a_list_of_what_is_pinned_is_counted() -> None:
    assert check("list", _document(MOTO, RUAMEL), LOCK) == 2


@pytest.mark.parametrize(
    "components",
    [
        (MOTO,),
        (MOTO, RUAMEL, _component("stranger", "1")),
        (MOTO, _component("ruamel.yaml", "0.19.2")),
        (MOTO, _component("ruamel.yaml", "0.19.1", [])),
    ],
    ids=["one is missing", "one too many", "another version", "without a hash"],
)
def test_any_difference_is_refused(components: tuple[dict[str, Any], ...]) -> None:
    with pytest.raises(Incomplete, match="make lock sbom"):
        check("list", _document(*components), LOCK)


def test_an_empty_list_of_an_empty_lock_file_is_refused() -> None:
    with pytest.raises(Incomplete, match="nothing is pinned"):
        check("list", _document(), "")


@pytest.mark.parametrize("lock", LOCKS.values())
def test_every_pin_of_the_lock_files_is_read(lock: str) -> None:
    text = (PROJECT / lock).read_text(encoding="utf-8")

    assert len(pinned(text)) == len(re.findall(r"^\S+==", text, re.MULTILINE)) > 5
