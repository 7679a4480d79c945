"""The local engine as a process of its own, on loopback, for as long as a context lasts."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from urllib3 import Retry
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.exceptions import HTTPError

PROJECT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
REGION = "us-east-1"
_PYTHON = PROJECT / ".venv-deploy" / "bin" / "python"
_SDK = HERE / "node_modules"
_HOST = "127.0.0.1"
_SECRET = "any"
_LOG = "engine.log"
# It needs about a second; after twenty it will not come up any more.
_UNTIL_UP = Retry(total=80, backoff_factor=0.05, backoff_max=0.25)


class EngineMissing(Exception):
    """When the engine has not been installed."""


class EngineFailed(Exception):
    """When the engine does not come up; the message is what it printed."""


@dataclass(frozen=True)
class LocalEngine:
    """A running engine. To it, an access key of 12 digits is an administrator of that account."""

    url: str
    home: Path

    def environment(self, account: str) -> dict[str, str]:
        """Return all that a program must know to act in `account`, and nothing of the caller's."""
        return {
            **_bare_environment(self.home),
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": _SECRET,
            "AWS_REGION": REGION,
        }

    def client(self, service: str, account: str, region: str = REGION) -> Any:
        """Return a boto3 client of an administrator of `account`."""
        session: Any = boto3.Session()  # boto3-stubs wants a literal service name
        return session.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=account,
            aws_secret_access_key=_SECRET,
            config=Config(retries={"max_attempts": 1}),
        )


@contextmanager
def running_engine(home: Path, *, management_account: str) -> Iterator[LocalEngine]:
    """Run an engine with the organization of `management_account`; it keeps its files in `home`."""
    if not _PYTHON.exists() or not _SDK.is_dir():
        raise EngineMissing("the local engine is not installed: run `make test-deploy`")
    port = _free_port()
    process = _start(home, port, management_account)
    try:
        _wait_until_up(home, port)
        yield LocalEngine(f"http://{_HOST}:{port}", home)
    finally:
        # All it holds is in `home` and in memory; there is nothing to be gentle with.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _start(home: Path, port: int, management_account: str) -> "subprocess.Popen[bytes]":
    environment = {
        **_bare_environment(home),
        "BIND_HOST": _HOST,
        "GATEWAY_PORT": str(port),
        "MANAGEMENT_ACCOUNT_ID": management_account,
        "NODE_PATH": str(_SDK),
    }
    with (home / _LOG).open("wb") as log:
        return subprocess.Popen(  # noqa: S603 - this project's own program
            [_PYTHON, HERE / "engine_additions.py"],
            cwd=home,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            # A group of its own, because the engine starts a process for every function.
            start_new_session=True,
        )


def _wait_until_up(home: Path, port: int) -> None:
    try:
        HTTPConnectionPool(_HOST, port).request("GET", "/_ministack/health", retries=_UNTIL_UP)
    except HTTPError as error:
        raise EngineFailed((home / _LOG).read_text(encoding="utf-8")) from error


def _bare_environment(home: Path) -> dict[str, str]:
    # The CDK library is unpacked once, which takes longer than everything else together.
    unpacked = Path.home() / ".cache" / "aws" / "jsii" / "package-cache"
    return {
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": os.environ.get("JSII_RUNTIME_PACKAGE_CACHE_ROOT", str(unpacked)),
        "PATH": os.pathsep.join([str(PROJECT / ".venv" / "bin"), os.defpath]),
        "HOME": str(home),
        "TMPDIR": str(home),
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port
