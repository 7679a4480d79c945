"""How moto is changed: methods replaced for a while, this machine's settings kept out."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar
from unittest.mock import patch

Backend = TypeVar("Backend")


class MotoChangedError(AttributeError):
    """When moto no longer has a name that this program replaces; moto is pinned for this reason."""


def every(backends: Mapping[str, Mapping[str, Backend]]) -> Iterator[Backend]:
    """Yield a service's backend of every account and Region; others may come meanwhile."""
    for regions in list(backends.values()):
        yield from list(regions.values())


@contextmanager
def patched(owner: Any, name: str, replacement: Any) -> Iterator[Any]:
    """Replace an attribute of a moto class or module; yields the original."""
    if not hasattr(owner, name):
        raise MotoChangedError(f"moto has no {owner.__name__}.{name} any more")
    original = vars(owner)[name]
    setattr(owner, name, replacement)
    try:
        yield original
    finally:
        setattr(owner, name, original)


@contextmanager
def without_own_aws() -> Iterator[None]:
    """Keep the AWS settings of this machine out of the embedded AWS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    with patch.dict(os.environ, {**kept, **nowhere}, clear=True):
        yield
