"""The embedded AWS behind HTTP on loopback, and what works in it while no client asks."""

import json
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any, Self

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from embedded_aws.events.delivery import check_event
from local.aws import LocalAws
from local.commands.result_document import result_document, rules_started
from local.scenarios import scenario_events

HOST = "127.0.0.1"
EVENTS, RESULTS = "/_rootwarden/events", "/_rootwarden/results"
_POLL_SECONDS = 0.2


class HttpServer:
    """Answers AWS clients, and lets the functions work; both inside a `with` block.

    It wants a process to itself: functions borrow environment variables and output while they work.
    `worked` is called in the working thread whenever the functions had their turn.
    """

    def __init__(
        self, aws: LocalAws, listening: socket.socket, worked: Callable[[], None] = lambda: None
    ) -> None:
        """Answer on a socket that listens already."""
        port = listening.getsockname()[1]
        self.url = f"http://{HOST}:{port}"
        self.stopped = threading.Event()
        self._aws = aws
        self._worked = worked
        self._known = {record.id for record in aws.state.records.accounts}
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server(
            HOST,
            port,
            self._application,
            threaded=True,
            request_handler=_QuietRequestHandler,
            fd=listening.fileno(),
        )
        self._threads = [
            threading.Thread(target=target, daemon=True)
            for target in (self._server.serve_forever, self._work)
        ]

    def __enter__(self) -> Self:
        """Start answering and working."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Finish what is being done, then stop."""
        self.stopped.set()
        self._server.shutdown()
        for thread in self._threads:
            thread.join()
        self._server.server_close()

    def _work(self) -> None:
        try:
            while not self.stopped.wait(_POLL_SECONDS):
                self._announce_new_accounts()
                self._aws.work_on_what_is_due()
                self._worked()
        finally:
            # Whoever waits for the end must not wait for ever when the work failed.
            self.stopped.set()

    def _announce_new_accounts(self) -> None:
        """Let Organizations announce the accounts that clients created."""
        created = [one.id for one in list(self._aws.state.records.accounts) if one.id not in self._known]
        management = self._aws.organization.management_account.id
        for account in created:
            self._known.add(account)
            now = self._aws.clock.now()
            joined = {"management": management, "account": account}
            self._aws.deliver(scenario_events.create_account_result(**joined, time=now))
            self._aws.deliver(scenario_events.account_joined(**joined, time=now, method="CREATED"))

    def _application(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith("/_rootwarden/"):
            response = self._own_answer(Request(environ))
            return response(environ, start_response)
        answer: Iterable[bytes] = self._moto(environ, start_response)
        return answer

    def _own_answer(self, request: Request) -> Response:
        asked = (request.method, request.path)
        if asked == ("POST", EVENTS):
            return self._deliver(request)
        if asked == ("GET", RESULTS):
            return _json(result_document(self._aws))
        return _json({"error": f"there is POST {EVENTS} and GET {RESULTS}"}, status=404)

    def _deliver(self, request: Request) -> Response:
        try:
            document = json.loads(request.get_data())
            events = [check_event(e) for e in (document if isinstance(document, list) else [document])]
            for event in events:
                self._aws.deliver(event)
        except (ValueError, RecursionError) as error:
            return _json({"error": str(error)}, status=400)
        return _json({"rules": [rules_started(event) for event in events]})


class _QuietRequestHandler(MotoRequestHandler):
    def log(self, *_: object) -> None:
        """Keep the terminal for what happens, not for who asks."""


def _json(document: object, *, status: int = 200) -> Response:
    text = json.dumps(document, ensure_ascii=False, default=str) + "\n"
    return Response(text, status=status, mimetype="application/json")
