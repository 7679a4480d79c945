"""AWS as far as a sweep's worker sees it, on 127.0.0.1: STS, IAM, DynamoDB and S3 in one small server.

It answers after a set latency, refuses STS requests beyond a quota as AWS does, and makes a share of
all requests fail in passing ways: server errors, throttling, closed connections, unwritten items.
Its counts are at GET /counts. It ends when its standard input does, that is, with its parent.
"""

import asyncio
import json
import random
import re
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

_CREDENTIALS = (
    "<AssumeRootResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><AssumeRootResult><Credentials>"
    "<AccessKeyId>ASIA{key:016d}</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>"
    "<SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>"
    "</Credentials></AssumeRootResult></AssumeRootResponse>"
)
_FLAGS = (
    "AccountPasswordPresent",
    "AccountAccessKeysPresent",
    "AccountSigningCertificatesPresent",
    "AccountMFAEnabled",
)
# A real answer has about 30 entries; the reader pays for all of them.
_ENTRIES = [*_FLAGS, *(f"Quota{number}" for number in range(26))]
_SUMMARY = (
    "<GetAccountSummaryResponse xmlns='https://iam.amazonaws.com/doc/2010-05-08/'>"
    "<GetAccountSummaryResult><SummaryMap>"
    + "".join(f"<entry><key>{name}</key><value>0</value></entry>" for name in _ENTRIES)
    + "</SummaryMap></GetAccountSummaryResult></GetAccountSummaryResponse>"
)
_LISTS = {"ListAccessKeys": "AccessKeyMetadata", "ListMFADevices": "MFADevices"}
_EMPTY = (
    "<{0}Response xmlns='https://iam.amazonaws.com/doc/2010-05-08/'><{0}Result>"
    "<{1}/><IsTruncated>false</IsTruncated></{0}Result></{0}Response>"
)
_ERROR = (
    "<ErrorResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><Error><Type>Sender</Type>"
    "<Code>{0}</Code><Message>{0}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
)
_TARGET, _LENGTH, _EXPECT = (
    re.compile(rb"(?i)\r\n" + name + rb": *([^\r]*)")
    for name in (b"x-amz-target", b"content-length", b"expect")
)
_FAULTS = ("server error", "throttling", "closed")


@dataclass
class Quota:
    """Requests a second, of which a tenth of a second's worth may come at once."""

    per_second: float
    _left: float = 0.0
    _at: float = field(default_factory=time.monotonic)

    def take(self) -> bool:
        """Say whether one more request is within the quota."""
        now = time.monotonic()
        self._left = min(self._left + (now - self._at) * self.per_second, self.per_second / 10)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


@dataclass
class Aws:
    """What is answered. faults: the share of requests that fail, from 0 to 1."""

    latency: float
    faults: float
    sts: Quota
    chance: random.Random
    counts: Counter[str] = field(default_factory=Counter)

    def answer(self, head: bytes, body: bytes) -> bytes | None:
        """Return the response to one request; None closes the connection."""
        if head.startswith(b"GET /counts"):
            return _response(json.dumps(self.counts))
        operation = _operation(head, body)
        self.counts[operation] += 1
        if operation == "AssumeRoot" and not self.sts.take():
            self.counts["beyond quota"] += 1
            return _response(_ERROR.format("Throttling"), "400 Bad Request")
        if self.chance.random() < self.faults:
            self.counts["faults"] += 1
            return self._fault(operation, body)
        return self._success(operation, body)

    def _success(self, operation: str, body: bytes) -> bytes:
        match operation:
            case "AssumeRoot":
                return _response(_CREDENTIALS.format(key=self.counts[operation]))
            case "GetAccountSummary":
                return _response(_SUMMARY)
            case "GetLoginProfile":
                return _response(_ERROR.format("NoSuchEntity"), "404 Not Found")
            case "PutObject":
                self.counts["rows"] += body.count(b"\n")
                self.counts["clean rows"] += body.count(b'"result": "clean"')
                return _response("")
            case "BatchWriteItem":
                return _response("{}")
        return _response(_EMPTY.format(operation, _LISTS.get(operation, "Certificates")))

    def _fault(self, operation: str, body: bytes) -> bytes | None:
        if operation == "BatchWriteItem":
            return _response(json.dumps({"UnprocessedItems": json.loads(body)["RequestItems"]}))
        match self.chance.choice(_FAULTS):
            case "server error":
                return _response(_ERROR.format("ServiceUnavailable"), "503 Service Unavailable")
            case "throttling":
                return _response(_ERROR.format("Throttling"), "400 Bad Request")
        return None


def _operation(head: bytes, body: bytes) -> str:
    if head.startswith(b"PUT"):
        return "PutObject"
    target = _header(head, _TARGET)
    if target:
        return target.rpartition(b".")[2].decode()
    return body.partition(b"Action=")[2].partition(b"&")[0].decode()


def _header(head: bytes, pattern: re.Pattern[bytes]) -> bytes:
    found = pattern.search(head)
    return found[1] if found else b""


def _response(text: str, status: str = "200 OK") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()


class Connection(asyncio.Protocol):
    """One client's connection: requests one after the other."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        if isinstance(transport, asyncio.Transport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found or not self._transport:
            return
        length = int(_header(head, _LENGTH) or 0)
        if len(rest) < length:
            if not rest and _header(head, _EXPECT):
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            return
        self._received = rest[length:]
        answer = self._aws.answer(head, rest[:length])
        asyncio.get_running_loop().call_later(self._aws.latency, self._send, answer)

    def _send(self, answer: bytes | None) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        if answer is None:
            self._transport.close()
        else:
            self._transport.write(answer)


async def serve(latency: float, faults: float, sts_per_second: float) -> None:
    """Serve until standard input ends; the first line of standard output is the port."""
    aws = Aws(latency, faults, Quota(sts_per_second), random.Random(1))  # noqa: S311 - faults, not secrets
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(aws), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - the parent reads it
    async with server:
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(*(float(argument) for argument in sys.argv[1:4])))
