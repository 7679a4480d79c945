"""Calls that a sweep makes by the thousand: botocore's parts, without all that a client does around a call.

Serializer, signature, connections and parser are botocore's own. Left out is what costs a third of a call's
CPU time and is of no use here: finding the endpoint anew, trying again, and most events.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSPreparedRequest, AWSRequest, AWSResponse
from botocore.compat import urlencode
from botocore.exceptions import ClientError
from botocore.parsers import create_parser
from botocore.serialize import create_serializer

if TYPE_CHECKING:
    from collections.abc import Callable

    from botocore.client import BaseClient
    from botocore.credentials import ReadOnlyCredentials
    from botocore.httpsession import URLLib3Session

# CloudTrail shows it.
USER_AGENT = "rootwarden"
_PROTOCOL = "query"
_ERROR = 300


@dataclass(frozen=True, kw_only=True)
class Signing:
    """What requests are signed with. credentials: asked for anew each time."""

    credentials: "Callable[[], ReadOnlyCredentials]"
    region: str


class QueryCall:
    """One operation of a service that speaks AWS's query protocol, such as STS and IAM.

    Takes and returns what the client's method does, and raises ClientError and BotoCoreError like it, but
    tries once. Handlers of `before-sign`, `before-send` and `before-parse` are called as the client would.
    """

    def __init__(
        self, client: "BaseClient", operation: str, *, signing: Signing, http: "URLLib3Session"
    ) -> None:
        """Call where the client would, and be heard by whoever listens to it."""
        service = client.meta.service_model
        self._model = service.operation_model(operation)
        self._shape: Any = self._model.output_shape
        self._service, self._service_id = service.signing_name, service.service_id.hyphenize()
        self._signing, self._http = signing, http
        self._events, self._url = client.meta.events, f"{client.meta.endpoint_url}/"
        self._serializer = create_serializer(_PROTOCOL, include_validation=False)
        self._parser = create_parser(_PROTOCOL)

    def __call__(self, **parameters: object) -> Any:
        """Return what AWS answers."""
        answer = self._send(self._signed(parameters))
        received = {"status_code": answer.status_code, "headers": answer.headers, "body": answer.content}
        self._emit("before-parse", response_dict=received)
        parsed = self._parser.parse(received, self._shape)
        if answer.status_code >= _ERROR:
            raise ClientError(parsed, self._model.name)
        return parsed

    def _signed(self, parameters: dict[str, object]) -> AWSPreparedRequest:
        wire = self._serializer.serialize_to_request(parameters, self._model)
        headers = {**wire["headers"], "User-Agent": USER_AGENT}
        request = AWSRequest("POST", self._url, headers=headers, data=urlencode(wire["body"]))
        self._emit("before-sign", request=request)
        SigV4Auth(self._signing.credentials(), self._service, self._signing.region).add_auth(request)
        return request.prepare()

    def _send(self, request: AWSPreparedRequest) -> AWSResponse:
        answers = [answer for _, answer in self._emit("before-send", request=request) if answer is not None]
        return answers[0] if answers else self._http.send(request)

    def _emit(self, event: str, **given: object) -> Any:
        return self._events.emit(f"{event}.{self._service_id}.{self._model.name}", **given)
