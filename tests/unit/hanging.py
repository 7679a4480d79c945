"""Services that hang, in virtual time: the functions' own clients, of which some never get an answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError


@dataclass
class VirtualTime:
    """Seconds that pass only when something waits."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class HangingServices:
    """AWS, of which the services in `hanging` accept every request and never answer."""

    time: VirtualTime = field(default_factory=VirtualTime)
    hanging: set[str] = field(default_factory=set)
    tries: list[str] = field(default_factory=list)

    def watch(self, client: Any) -> Any:
        """Have a client's requests hang while its service does, for as long as its settings wait."""

        def hang(event_name: str, request: Any, **_: object) -> None:
            service, call = event_name.split(".")[1:3]
            if service in self.hanging:
                self.tries.append(f"{service} {call}")
                self.time.wait(client.meta.config.read_timeout)
                raise ReadTimeoutError(endpoint_url=request.url)

        # Ahead of moto's answers; what a client checks itself is registered by its service, and comes before.
        client.meta.events.register_first("before-send", hang)
        return client


@contextmanager
def hanging_services() -> Iterator[HangingServices]:
    """Watch every client that is created, and let retries wait in virtual time."""
    services = HangingServices()
    create = boto3.client
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boto3, "client", lambda *given, **named: services.watch(create(*given, **named)))
        patch.setattr("botocore.endpoint.time.sleep", services.time.wait)
        yield services
