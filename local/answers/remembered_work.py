"""Lets botocore and moto remember what they would work out anew for every session and call."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache

import botocore.session
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.loaders import create_loader
from moto.core import responses
from moto.core.utils import camelcase_to_underscores, method_names_from_class
from moto.sqs import models as sqs_models

from local.answers.moto_patches import patched

_underscores = lru_cache(maxsize=None)(camelcase_to_underscores)
_shared_loader = lru_cache(create_loader)
_method_names = lru_cache(method_names_from_class)
_aliaser = EventAliaser(HierarchicalEmitter())
_alias = vars(EventAliaser)["_alias_event_name"]


@contextmanager
def work_remembered() -> Iterator[None]:
    """Share models, names and aliases; every function has a session of its own to read them for."""
    with ExitStack() as stack:
        for owner, name, replacement in (
            (botocore.session, "create_loader", _shared_loader),
            (EventAliaser, "_alias_event_name", lambda _, name: _alias(_aliaser, name)),
            (responses, "method_names_from_class", _method_names),
            (responses, "camelcase_to_underscores", _underscores),
            (sqs_models, "camelcase_to_underscores", _underscores),
        ):
            stack.enter_context(patched(owner, name, replacement))
        yield
