"""What botocore, moto and cold starts do again and again with the same result: done once, or not at all."""

import dataclasses
import pickle
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache, lru_cache
from importlib import import_module
from types import CodeType
from typing import Any
from unittest.mock import patch

import botocore.session
import moto.s3.urls
from botocore import hooks, httpsession, regions, useragent
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest
from botocore.client import ClientCreator
from botocore.compat import accepts_kwargs
from botocore.endpoint_provider import EndpointProvider
from botocore.hooks import EventAliaser, HierarchicalEmitter
from botocore.loaders import create_loader
from botocore.model import ServiceModel
from moto import backends
from moto.backend_index import backend_url_patterns
from moto.core import responses
from moto.core.base_backend import AccountSpecificBackend, BackendDict
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.common_types import TYPE_RESPONSE
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.request import normalize_request
from moto.core.serialize import AttributePicker, AttributePickerContext, XFormedAttributePicker
from moto.core.utils import (
    camelcase_to_underscores,
    get_equivalent_url_in_aws_domain,
    method_names_from_class,
)
from moto.dynamodb.parsing import validators
from moto.s3.models import S3Backend
from moto.sqs import models as sqs_models
from werkzeug.exceptions import HTTPException

from embedded_aws.moto_patches import patched

_underscores = lru_cache(maxsize=None)(camelcase_to_underscores)
_shared_loader = lru_cache(create_loader)
_method_names = lru_cache(method_names_from_class)
_sanitized = lru_cache(maxsize=None)(useragent.sanitize_user_agent_string_component)
_takes_keywords = lru_cache(maxsize=None)(accepts_kwargs)
# mypy skips these two modules, and knows no name of theirs.
_expressions: Any = import_module("moto.dynamodb.parsing.expressions")
_nodes: Any = import_module("moto.dynamodb.parsing.ast_nodes")
_expression = lru_cache(maxsize=None)(_expressions.UpdateExpressionParser.make)
_aliaser = EventAliaser(HierarchicalEmitter())
_alias = vars(EventAliaser)["_alias_event_name"]
# Nothing is sent, so one context for TLS does for every client.
_tls = lru_cache(httpsession.create_urllib3_context)
_methods: dict[str, dict[str, Any]] = {}
_models: dict[str, ServiceModel] = {}
_providers: dict[int, tuple[Any, EndpointProvider]] = {}
_make_backends = vars(BackendDict)["__getitem__"]
_make_methods = vars(ClientCreator)["_create_methods"]
_load_model = vars(ClientCreator)["_load_service_model"]


@contextmanager
def work_remembered() -> Iterator[None]:
    """Share models, methods, names and addresses; each function has its own session to read them for."""
    with ExitStack() as stack:
        for owner, name, replacement in (
            (botocore.session, "create_loader", _shared_loader),
            (ClientCreator, "_create_methods", _client_methods),
            (ClientCreator, "_load_service_model", _service_model),
            (regions, "EndpointProvider", _endpoint_provider),
            (httpsession, "create_urllib3_context", _tls),
            (EventAliaser, "_alias_event_name", lambda _, name: _alias(_aliaser, name)),
            # Asked of each of a client's handlers: of the function, as a bound method would live for ever.
            (hooks, "accepts_kwargs", lambda handler: _takes_keywords(getattr(handler, "__func__", handler))),
            (useragent, "sanitize_user_agent_string_component", _sanitized),
            # Who calls is read of the access key; nobody checks a signature.
            (SigV4Auth, "canonical_request", lambda *_: ""),
            (SigV4Auth, "string_to_sign", lambda *_: ""),
            (SigV4Auth, "signature", lambda *_: "not-checked"),
            (BotocoreStubber, "process_request", _process),
            # moto compares with every other service's whenever one is looked up.
            (BackendDict, "__getitem__", _backends_of),
            # moto reads this module anew for every call, as an environment variable may have changed.
            (S3Backend, "_url_module", moto.s3.urls),
            (AttributePicker, "get_possible_keys", _names(AttributePicker)),
            (XFormedAttributePicker, "get_possible_keys", _names(XFormedAttributePicker)),
            (responses, "method_names_from_class", _method_names),
            (responses, "camelcase_to_underscores", _underscores),
            (sqs_models, "camelcase_to_underscores", _underscores),
            # A function has a few expressions, and asks with other values.
            (_expressions.UpdateExpressionParser, "make", staticmethod(_expression)),
            (validators, "deepcopy", _copied),
            (_nodes.DepthFirstTraverser, "nodes_to_be_processed", _processed),
        ):
            stack.enter_context(patched(owner, name, replacement))
        stack.enter_context(_data_classes_compiled_once())
        yield


def _backends_of(services: Any, account: str) -> AccountSpecificBackend[Any]:
    """Return a service's backends in an account."""
    found: AccountSpecificBackend[Any] | None = dict.get(services, account)
    return _make_backends(services, account) if found is None else found


def _service_model(creator: ClientCreator, name: str, api_version: str | None = None) -> ServiceModel:
    """Return a service's model, with what was looked up in it before."""
    if name not in _models:
        _models[name] = _load_model(creator, name, api_version)
    return _models[name]


def _endpoint_provider(ruleset_data: Mapping[str, Any], **rest: Any) -> EndpointProvider:
    """Return what finds a service's endpoints; kept with its rules, which are read once."""
    if id(ruleset_data) not in _providers:
        _providers[id(ruleset_data)] = ruleset_data, EndpointProvider(ruleset_data, **rest)
    return _providers[id(ruleset_data)][1]


def _client_methods(creator: ClientCreator, model: ServiceModel) -> dict[str, Any]:
    """Return the methods of a service's clients; a copy, as a session may add its own."""
    if model.service_name not in _methods:
        _methods[model.service_name] = _make_methods(creator, model)
    return dict(_methods[model.service_name])


def _names(kind: type[AttributePicker]) -> Callable[..., Iterable[str]]:
    """Return what says by which names a member may be found in an object: by its class, never its values."""
    found: dict[object, tuple[str, ...]] = {}
    look_up = vars(kind)["get_possible_keys"]

    def names(picker: AttributePicker, context: AttributePickerContext) -> Iterable[str]:
        asked = context.shape, context.key, type(context.obj), id(picker.alias_providers)
        if asked not in found:
            found[asked] = tuple(dict.fromkeys(look_up(picker, context)))
        return found[asked]

    return names


def _copied(expression: Any) -> Any:
    """Return a copy of a parsed expression, which is changed as it is worked off."""
    return pickle.loads(pickle.dumps(expression))  # noqa: S301 # made one line before


def _processed(traverser: Any) -> tuple[type, ...]:
    """Return which nodes of an expression a step works on; moto asks at every node."""
    kinds: tuple[type, ...] | None = vars(traverser).get("kinds")
    if kinds is None:
        kinds = traverser.kinds = tuple(traverser._processing_map())  # noqa: SLF001 # moto has no other name
    return kinds


def _process(_: BotocoreStubber, request: AWSPreparedRequest) -> TYPE_RESPONSE | None:
    """Answer a request as moto does, without trying the address of every service; None lets it go out."""
    parsed, _changed = get_equivalent_url_in_aws_domain(request.url)
    url = f"{parsed.scheme}://{parsed.netloc}{parsed.path}"
    for service in _services_at(url):
        regional: Any = backends.get_backend(service)[DEFAULT_ACCOUNT_ID]
        backend = regional["us-east-1" if "us-east-1" in regional else "aws"]
        for pattern, respond in backend.urls.items():
            if re.match(pattern, url):
                asked = normalize_request(request)
                try:
                    answer: TYPE_RESPONSE = respond(asked, asked.raw_url, asked.headers)
                except HTTPException as error:
                    return error.code or 500, dict(error.get_headers()), error.get_body()
                return answer
    return (404, {}, "Not yet implemented") if ".amazonaws.com/" in url else None


@lru_cache(maxsize=4096)
def _services_at(url: str) -> tuple[Any, ...]:
    return tuple(service for service, pattern in backend_url_patterns if pattern.match(url))


@contextmanager
def _data_classes_compiled_once() -> Iterator[None]:
    """Keep the compiled methods of data classes: a cold start imports its packages anew."""
    with patch.object(dataclasses, "exec", lambda text, *names: exec(_compiled(text), *names), create=True):  # noqa: S102 - as dataclasses does
        yield


@cache
def _compiled(text: str) -> CodeType:
    return compile(text, "<dataclass>", "exec")
