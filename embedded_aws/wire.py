"""Calls and answers as they go over the wire: read by moto's parsers, written by its serializers."""

import json
import re
from collections.abc import Mapping
from html import unescape
from http import HTTPStatus
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.responses import ActionResult, BaseResponse
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from moto.s3.responses import S3Response
from werkzeug.exceptions import NotFound


def read_operation(response: BaseResponse, request: Request) -> tuple[str, str, dict[str, Any]]:
    """Return service, operation and parameters of a request, by moto's own parsers."""
    model = get_service_model(response.boto3_service_name)
    service = str(model.service_name)
    operation, uri = response._get_action(), response.uri_match  # noqa: SLF001 # moto's only way
    path = request.path
    if isinstance(response, S3Response):
        path = _path_style(response, request)
    if isinstance(response, S3Response) or not operation:
        try:
            routed = Request({**request.environ, "PATH_INFO": path})
            operation_model, uri = get_service_router(service).match(routed)
        except NotFound:
            return service, request.method, {}
        operation = operation_model.name
    parse = PROTOCOL_PARSERS[determine_request_protocol(model, request.content_type)]
    parsed = parse(model.operation_model(operation), map_type=dict).parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": path,
            "url_params": uri,
        }
    )
    return service, operation, parsed


def _path_style(response: S3Response, request: Request) -> str:
    """Return the request's path with the bucket in it, where the router looks for it."""
    if not response.subdomain_based_buckets(request):
        return request.path
    return f"/{response.parse_bucket_name_from_url(request, request.raw_url)}{request.path}"


def serialize(response: BaseResponse, outcome: Mapping[str, Any] | Exception) -> TYPE_RESPONSE:
    """Return an answer or an error in the protocol the client speaks."""
    status, headers, body = response.serialized(ActionResult(outcome))
    return getattr(outcome, "http", status), {**headers, **getattr(outcome, "headers", {})}, body


def error_in(result: TYPE_RESPONSE) -> tuple[str | None, str | None]:
    """Return code and message of the error in a response; two Nones when there is none."""
    status, headers, body = result
    if status < HTTPStatus.MULTIPLE_CHOICES:
        return None, None
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)
    if text.startswith("{"):
        error = json.loads(text)
        name = str(error.get("__type", headers.get("X-Amzn-Errortype", status)))
        return name.rpartition("#")[2], error.get("message", error.get("Message"))
    found = {name: re.search(f"<{name}>(.*?)</{name}>", text, re.S) for name in ("Code", "Message")}
    code, message = (match[1] if match else None for match in found.values())
    return code or str(status), unescape(message) if message else None
