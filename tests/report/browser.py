"""Headless Chromium, spoken to over a pipe in the DevTools protocol: nothing to install beside the browser.

https://chromedevtools.github.io/devtools-protocol/
"""

import json
import os
import select
import shutil
import subprocess
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

_FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars "
    "--remote-debugging-pipe"
)
_PATIENCE = 60.0


def chromium() -> str | None:
    """Return where Chromium is installed; None where it is not."""
    return next((found for name in ("chromium", "chromium-browser") if (found := shutil.which(name))), None)


class NoAnswer(Exception):
    """When Chromium ends, or says nothing for too long."""


@dataclass
class Connection:
    """Messages to and from Chromium, each ended by a zero byte."""

    out: BinaryIO
    answers: int
    events: list[dict[str, Any]] = field(default_factory=list)
    number: int = 0
    left: bytes = b""

    def call(self, method: str, session: str | None = None, **parameters: object) -> dict[str, Any]:
        """Call a method and return its result; what happened meanwhile goes to events."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        self.out.write(json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        self.out.flush()
        while True:
            answer = self._next()
            if answer.get("id") == self.number:
                assert "error" not in answer, answer["error"]
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def _next(self) -> dict[str, Any]:
        end = time.monotonic() + _PATIENCE
        while b"\0" not in self.left:
            ready, _, _ = select.select([self.answers], [], [], max(end - time.monotonic(), 0))
            read = os.read(self.answers, 1 << 20) if ready else b""
            if not read:
                raise NoAnswer("Chromium ended" if ready else "Chromium does not answer")
            self.left += read
        message, _, self.left = self.left.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer


@dataclass
class Page:
    """One page in the browser."""

    connection: Connection
    session: str

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a method on the page."""
        return self.connection.call(method, self.session, **parameters)

    def run(self, script: str) -> Any:
        """Run a script in the page and return what it comes to."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def show(self, *, width: int, height: int = 1000, scheme: str = "light", media: str = "") -> None:
        """Show the page on a screen of a size, in a colour scheme, or as printed."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)

    def open(self, path: Path) -> None:
        """Open a file and wait until its script has run."""
        self.call("Page.navigate", url=path.as_uri())
        end = time.monotonic() + _PATIENCE
        while not self.run(
            f"document.readyState === 'complete' && location.href === {json.dumps(path.as_uri())}"
        ):
            assert time.monotonic() < end, "the page does not load"
            time.sleep(0.02)

    def reload(self) -> None:
        """Load the page again and wait until it is there; needs no script of the page."""
        loads = len(self.said("Page.loadEventFired"))
        self.call("Page.reload")
        end = time.monotonic() + _PATIENCE
        while len(self.said("Page.loadEventFired")) == loads:
            assert time.monotonic() < end, "the page does not load"
            time.sleep(0.02)
            # Events arrive with the answer to the next call.
            self.call("Page.getFrameTree")

    def picture(self) -> bytes:
        """Return what is seen, as PNG."""
        return b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def pdf(self) -> bytes:
        """Return the page as it is printed."""
        return b64decode(self.call("Page.printToPDF", preferCSSPageSize=True)["data"])

    def said(self, *methods: str) -> list[dict[str, Any]]:
        """Return the events of these kinds that the page has sent."""
        return [
            event["params"]
            for event in self.connection.events
            if event.get("sessionId") == self.session and event["method"] in methods
        ]


@contextmanager
def running(program: str, profile: Path) -> Iterator[Connection]:
    """Run Chromium with a fresh profile."""
    to_read, out = os.pipe()
    answers, to_write = os.pipe()
    command = f'exec "$0" {_FLAGS} --user-data-dir="$1" about:blank 3<&{to_read} 4>&{to_write}'
    process = subprocess.Popen(  # noqa: S603 - the browser
        ["/bin/bash", "-c", command, program, str(profile)],
        pass_fds=(to_read, to_write),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_read)
    os.close(to_write)
    try:
        with os.fdopen(out, "wb") as stream:
            connection = Connection(stream, answers)
            yield connection
            connection.call("Browser.close")
    finally:
        os.close(answers)
        process.kill()
        process.wait()


def new_page(connection: Connection) -> Page:
    """Open a page that reports what it logs and loads."""
    target = connection.call("Target.createTarget", url="about:blank")["targetId"]
    session = connection.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    page = Page(connection, session)
    for domain in ("Page", "Runtime", "Log", "Network", "Security"):
        page.call(f"{domain}.enable")
    return page
