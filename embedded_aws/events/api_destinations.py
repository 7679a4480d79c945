"""HTTPS endpoints as targets: what an input transformer makes of an event, and the request with it."""

import json
import re
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import urllib3
from moto.events.models import events_backends
from moto.utilities.arns import parse_arn

from embedded_aws.calls import leaves_changed
from embedded_aws.cloudformation.resource import Created, Creator, Resource
from embedded_aws.events.shape import Event

_SECRET = re.compile(r"\{\{resolve:secretsmanager:(arn:[^{}]+?):SecretString\}\}")
_TIMEOUT = urllib3.Timeout(connect=2, read=5)
_FIRST_FAILURE = 300


class EndpointRefused(Exception):
    """When an endpoint cannot be reached, or answers that it does not take a request."""


class Endpoints:
    """Where hosts really are: `https://pager.example.com` may be a server on loopback."""

    def __init__(self) -> None:
        """Begin with no host: nothing leaves this machine."""
        self.hosts: dict[str, str] = {}
        self._http = urllib3.PoolManager()

    def post(self, destination_arn: str, body: str) -> None:
        """Send a body to an API destination with what its connection adds; raises EndpointRefused."""
        arn = parse_arn(destination_arn)
        backend = events_backends[arn.account][arn.region]
        name = arn.resource_id.split("/")[-2] if "/" in arn.resource_id else arn.resource_id
        destination = backend.destinations[name]
        connection = next(c for c in backend.connections.values() if c.arn == destination.connection_arn)
        parameters = connection.auth_parameters
        key = parameters["ApiKeyAuthParameters"]
        added = parameters.get("InvocationHttpParameters", {}).get("BodyParameters", [])
        if added:
            body = json.dumps({**json.loads(body), **{each["Key"]: each["Value"] for each in added}})
        headers = {"Content-Type": "application/json", key["ApiKeyName"]: key["ApiKeyValue"]}
        self._send(destination.invocation_endpoint, body, headers)

    def _send(self, url: str, body: str, headers: Mapping[str, str]) -> None:
        parts = urlsplit(url)
        real = self.hosts.get(f"{parts.scheme}://{parts.netloc}")
        if real is None:
            raise EndpointRefused(f"no server plays {parts.netloc}")
        address = urlunsplit((*urlsplit(real)[:2], parts.path, parts.query, ""))
        try:
            answer = self._http.request(
                "POST", address, body=body, headers=dict(headers), timeout=_TIMEOUT, retries=False
            )
        except urllib3.exceptions.HTTPError as error:
            raise EndpointRefused(f"{parts.netloc} cannot be reached: {type(error).__name__}") from error
        if answer.status >= _FIRST_FAILURE:
            raise EndpointRefused(f"{parts.netloc} answered {answer.status}")


def transformed(transformer: Mapping[str, Any], event: Event) -> str:
    """Return an event as an input template has it; a value in quotes stands there as it is."""
    found = {name: _at(event, path) for name, path in transformer.get("InputPathsMap", {}).items()}

    def filled(match: re.Match[str]) -> str:
        value = found[match[1]]
        if isinstance(value, str) and _is_quoted(match):
            return value
        if value is None:
            return ""
        return json.dumps(value)

    text = re.sub(r"<(\w+)>", filled, str(transformer["InputTemplate"]))
    json.loads(text)
    return text


def _is_quoted(match: re.Match[str]) -> bool:
    before = match.string[: match.start()].replace('\\"', "")
    return before.count('"') % 2 == 1


def _at(event: Event, path: str) -> Any:
    value: Any = event
    for name in path.removeprefix("$.").split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _resolved(resource: Resource, value: Any) -> Any:
    """Replace a reference to a secret by what it holds, as CloudFormation does when it deploys."""
    if isinstance(value, str) and (found := _SECRET.fullmatch(value)):
        return resource.client("secretsmanager").get_secret_value(SecretId=found[1])["SecretString"]
    return value


def _connection(resource: Resource) -> Created:
    settings = resource.settings("AuthorizationType", besides=("Name", "AuthParameters"))
    name = resource.name("Name")
    parameters = leaves_changed(resource.properties["AuthParameters"], partial(_resolved, resource))
    created = resource.client("events").create_connection(Name=name, AuthParameters=parameters, **settings)
    return Created(reference=name, attributes={"Arn": created["ConnectionArn"]})


def _api_destination(resource: Resource) -> Created:
    settings = resource.settings("ConnectionArn", "HttpMethod", "InvocationEndpoint", besides=("Name",))
    name = resource.name("Name")
    created = resource.client("events").create_api_destination(Name=name, **settings)
    return Created(reference=name, attributes={"Arn": created["ApiDestinationArn"]})


CREATORS: dict[str, Creator] = {
    "AWS::Events::Connection": _connection,
    "AWS::Events::ApiDestination": _api_destination,
}
