"""How moto is changed: methods replaced for a while, work remembered, this machine's settings kept out."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from typing import Any, TypeVar
from unittest.mock import patch
from urllib.parse import urlsplit

import botocore.session
import moto.backends
from botocore import hooks, useragent
from botocore.compat import accepts_kwargs
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.loaders import create_loader
from moto.core import responses
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.common_types import TYPE_RESPONSE
from moto.core.request import normalize_request
from moto.core.utils import camelcase_to_underscores, method_names_from_class
from moto.sqs import models as sqs_models
from werkzeug.exceptions import HTTPException

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


_process = vars(BotocoreStubber)["process_request"]


@lru_cache(maxsize=256)
def _responder_at(address: str) -> Any | None:
    """Return who answers at an address without a path; None where moto itself must look."""
    for service, pattern in moto.backend_index.backend_url_patterns:
        if pattern.match(address):
            found: Any = vars(moto.backends)["get_backend"](service)
            regions = found["123456789012"]
            backend = regions["us-east-1" if "us-east-1" in regions else "aws"]
            return next((do for url, do in backend.urls.items() if re.match(url, address)), None)
    return None


def _answer(stubber: BotocoreStubber, request: Any) -> TYPE_RESPONSE | None:
    parts = urlsplit(request.url)
    is_plain = parts.path == "/" and not parts.query and parts.netloc.endswith(".amazonaws.com")
    respond = _responder_at(f"{parts.scheme}://{parts.netloc}/") if is_plain else None
    if respond is None:
        answer: TYPE_RESPONSE | None = _process(stubber, request)
        return answer
    asked = normalize_request(request)
    try:
        given: TYPE_RESPONSE = respond(asked, asked.raw_url, asked.headers)
    except HTTPException as refused:
        return refused.code or 500, dict(refused.get_headers()), refused.get_body()
    return given


_underscores = lru_cache(maxsize=None)(camelcase_to_underscores)
_shared_loader = lru_cache(create_loader)
_method_names = lru_cache(method_names_from_class)
_sanitized = lru_cache(maxsize=None)(useragent.sanitize_user_agent_string_component)
_takes_keywords = lru_cache(maxsize=None)(accepts_kwargs)
_aliaser = EventAliaser(HierarchicalEmitter())
_alias = vars(EventAliaser)["_alias_event_name"]


@contextmanager
def work_remembered() -> Iterator[None]:
    """Share models, names and aliases; every function has a session of its own to read them for."""
    with ExitStack() as stack:
        for owner, name, replacement in (
            # It tries every service's addresses for every call.
            (BotocoreStubber, "process_request", _answer),
            (botocore.session, "create_loader", _shared_loader),
            (EventAliaser, "_alias_event_name", lambda _, name: _alias(_aliaser, name)),
            # Asked of each of a client's handlers: of the function, as a bound method would live for ever.
            (hooks, "accepts_kwargs", lambda handler: _takes_keywords(getattr(handler, "__func__", handler))),
            (useragent, "sanitize_user_agent_string_component", _sanitized),
            (responses, "method_names_from_class", _method_names),
            (responses, "camelcase_to_underscores", _underscores),
            (sqs_models, "camelcase_to_underscores", _underscores),
        ):
            stack.enter_context(patched(owner, name, replacement))
        yield


@contextmanager
def without_own_aws() -> Iterator[None]:
    """Keep the AWS settings of this machine out of the embedded AWS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    with patch.dict(os.environ, {**kept, **nowhere}, clear=True):
        yield
