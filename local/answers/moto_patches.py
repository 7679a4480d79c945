"""Replaces names of moto for as long as a context lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class MotoChangedError(AttributeError):
    """When moto no longer has a name that this program replaces; moto is pinned for this reason."""


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
