"""Whom of an account's people a resource policy's statement is about.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from lambdas.domain.accounts import AccountId

_ACCOUNT = re.compile(r"(?:arn:[\w-]+:(?:iam|sts)::)?([0-9]{12})(?::.*)?", re.DOTALL)


class Extent(Enum):
    """How much of an account a statement covers; root aside, which no policy keeps from its own resources."""

    EVERYONE = auto()
    SOME = auto()
    NOBODY = auto()


@dataclass(frozen=True)
class Covered:
    """Whom a statement is about, also in words. SOME stands for whatever is not certain, too."""

    extent: Extent
    who: str


EVERYONE = Covered(Extent.EVERYONE, "everyone in the account but root")
_NOBODY = Covered(Extent.NOBODY, "nobody in the account")
_UNCLEAR = Covered(Extent.SOME, "principals that cannot be read")


def covered_by(statement: Mapping[str, object], account_id: AccountId) -> Covered:
    """Say whom of an account a statement covers by its Principal or NotPrincipal."""
    elements = [name for name in ("Principal", "NotPrincipal") if name in statement]
    if len(elements) != 1:
        return _UNCLEAR
    try:
        extents = {name: _extent(kind, name, account_id) for kind, name in _names(statement[elements[0]])}
    except ValueError:
        return _UNCLEAR
    named = ", ".join(name for name, extent in extents.items() if extent is Extent.SOME)
    if elements == ["Principal"]:
        if Extent.EVERYONE in extents.values():
            return EVERYONE
        return Covered(Extent.SOME, named) if named else _NOBODY
    if "*" in extents:
        return _NOBODY
    # Naming the account there exempts its root alone: its users and roles are to be named themselves.
    return Covered(Extent.SOME, f"everyone in the account but root and {named}") if named else EVERYONE


def _names(principal: object) -> Iterator[tuple[str, str]]:
    groups = principal if isinstance(principal, Mapping) else {"AWS": principal}
    if not groups:
        raise ValueError("names nobody")
    for kind, found in groups.items():
        for name in found if isinstance(found, list) else [found]:
            if not isinstance(name, str):
                raise ValueError("takes texts")  # noqa: TRY004 - as every reader of policies
            yield kind, name


def _extent(kind: str, name: str, account_id: AccountId) -> Extent:
    if name == "*":
        return Extent.EVERYONE
    if kind == "Service":
        return Extent.NOBODY
    account = _ACCOUNT.fullmatch(name)
    if kind != "AWS" or account is None:
        # A unique id stands where somebody was deleted, a canonical id where nobody can tell.
        return Extent.SOME
    if account[1] != account_id:
        return Extent.NOBODY
    return Extent.EVERYONE if name == account_id or name.endswith(":root") else Extent.SOME
