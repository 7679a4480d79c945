"""What is deployed bears names of our own; with a prefix a second deployment stands beside the first.

Patterns and decisions know the names without it: it is put on where a name leaves them, and taken off where
one comes in.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rootwarden.contract.pattern import EventPattern

# As openers of sessions on record: of our own, and of those that a function gave up before their first call.
OURS = "rootwarden"
NEVER_USED = "rootwarden, never used"
STACK_SET = "rootwarden-forwarding"
CANARY_STACK_SET = f"{STACK_SET}-canary"
# What the name of the forwarding role's own policy begins with in members' accounts, which CDK makes of the
# construct's path.
FORWARDING_POLICY = "ForwardingRoleDefaultPolicy"
# CloudFormation cuts a stack's name at some 24 characters where it makes a name of at most 64 of it.
LONGEST_BEGINNING = 23
_OURS = re.compile(r"(?<![A-Za-z])(?=RootWarden|rootwarden)")
_OF_INSTANCES = "StackSet-"
# StackSets' own roles in members, whichever StackSet it is.
_OF_ALL = "stacksets-exec-"


def with_prefix(pattern: EventPattern, prefix: str) -> EventPattern:
    """Return a pattern that matches what a deployment with this prefix is called."""
    return replace(pattern, detail=_prefixed(pattern.detail, prefix)) if prefix else pattern


def beginning(text: str, prefix: str) -> str:
    """Return what names begin with in a deployment with this prefix, given what ours begin with without."""
    return _OURS.sub(prefix, text)[:LONGEST_BEGINNING] if prefix else text


def _begins(value: Any, prefix: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _begins(each, prefix) for key, each in value.items()}
    return beginning(value, prefix)


def _prefixed(value: Any, prefix: str) -> Any:
    if isinstance(value, Mapping):
        return {
            key: _begins(each, prefix) if key == "prefix" else _prefixed(each, prefix)
            for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [_prefixed(each, prefix) for each in value]
    return _OURS.sub(prefix, value) if isinstance(value, str) else value


def without_prefix(name: str, prefix: str) -> str | None:
    """Return what a resource is called without the prefix; None where it does not bear it."""
    if not prefix or name.startswith(_OF_ALL):
        return name
    if name.startswith(prefix):
        return name.removeprefix(prefix)
    if name.startswith(f"{_OF_INSTANCES}{prefix}"):
        return _OF_INSTANCES + name.removeprefix(f"{_OF_INSTANCES}{prefix}")
    return None
