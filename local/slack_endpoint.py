"""A tiny HTTP server on loopback that stands for a Slack incoming webhook."""

import json
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class SlackEndpoint:
    """Keeps what is posted to it; refuses the next posts on request."""

    def __init__(self, received: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
        """Call `received` with every accepted post's JSON."""
        self.posts: list[dict[str, Any]] = []
        self._received = received
        self._refusals: deque[tuple[int, dict[str, str]]] = deque()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        # It looks this often whether it shall stop.
        serve = partial(self._server.serve_forever, poll_interval=0.02)
        self._thread = threading.Thread(target=serve, daemon=True)

    def __enter__(self) -> Self:
        """Start serving."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The webhook's URL."""
        return f"http://127.0.0.1:{self._server.server_port}/services/T000/B000/embedded"

    def refuse_next(self, status: int, *, retry_after: int | None = None, times: int = 1) -> None:
        """Answer the next posts with an error, such as 429 with Retry-After."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        self._refusals.extend([(status, headers)] * times)

    def answer(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Decide on one post: status, headers, text."""
        if self._refusals:
            status, headers = self._refusals.popleft()
            return status, headers, b"rate_limited" if status == 429 else b"error"  # noqa: PLR2004 # HTTP
        try:
            post = json.loads(body)
        except ValueError:
            return HTTPStatus.BAD_REQUEST, {}, b"invalid_payload"
        self.posts.append(post)
        self._received(post)
        return HTTPStatus.OK, {}, b"ok"


def _handler(endpoint: SlackEndpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, text = endpoint.answer(body)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            """Keep the terminal quiet."""

    return Handler
