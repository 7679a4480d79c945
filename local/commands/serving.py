"""Serves the embedded AWS in real time until Ctrl-C, and prints what happens in it."""

import contextlib
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from embedded_aws.clock import SystemClock
from local.aws import LocalAws
from local.commands.http_server import HOST, HttpServer
from local.commands.presentation.messages import message_title
from local.commands.presentation.outcomes import outcome_line
from local.commands.presentation.terminal import Progress, page
from local.commands.running import running
from local.organization import Organization

Begin = Callable[[LocalAws, Progress], None]
Welcome = Callable[[Console, LocalAws, str], None]


class ServerError(RuntimeError):
    """When the port cannot be listened on."""


def serve_until_stopped(
    organization: Organization, *, port: int, assembly: Path | None, begin: Begin, welcome: Welcome
) -> int:
    """Deploy, let things `begin`, print a `welcome` with the address, answer; returns the exit code."""
    console = page()
    # Functions that run for a client borrow sys.stdout meanwhile; what is printed here is not theirs.
    console.file = sys.stdout
    with contextlib.suppress(KeyboardInterrupt):
        progress = Progress()
        with (
            _listening(port) as listening,
            running(organization, progress=progress, assembly=assembly, clock=SystemClock()) as aws,
        ):
            begin(aws, progress)
            server = HttpServer(aws, listening, _Ticker(aws, console))
            welcome(console, aws, server.url)
            with server:
                server.stopped.wait()
        console.print("✘ the embedded AWS stopped working; the reason is above", style="red")
        return 1
    console.print("\nStopped.")
    return 0


class _Ticker:
    """Prints outcomes and messages as they come."""

    def __init__(self, aws: LocalAws, console: Console) -> None:
        self._aws = aws
        self._console = console
        self._outcomes, self._messages = len(aws.outcomes), len(aws.messages)

    def __call__(self) -> None:
        time = f"{self._aws.clock.now():%H:%M:%S}"
        outcomes, messages = self._aws.outcomes, self._aws.messages
        for outcome in outcomes[self._outcomes :]:
            self._console.print(time, outcome_line(outcome), soft_wrap=True)
        for message in messages[self._messages :]:
            text = Text(f"✉ {message_title(message)}  {message.channel}", "dim")
            self._console.print(time, text, soft_wrap=True)
        self._outcomes, self._messages = len(outcomes), len(messages)


def _listening(port: int) -> socket.socket:
    where = f"cannot listen on {HOST}, port {port}"
    try:
        return socket.create_server((HOST, port))
    except OverflowError as error:
        raise ServerError(f"{where}: a port is a number from 0 to 65535") from error
    except OSError as error:
        # Python's own text repeats the address.
        raise ServerError(f"{where}: {os.strerror(error.errno or 0)}") from error
