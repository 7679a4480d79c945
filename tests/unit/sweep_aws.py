"""STS and IAM at the wire: real clients, whose requests are answered before they leave."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

# Where moto does not answer either.
ENDPOINTS = {"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:9", "AWS_ENDPOINT_URL_IAM": "http://127.0.0.1:9"}
_FLAGS = (
    "AccountPasswordPresent",
    "AccountAccessKeysPresent",
    "AccountSigningCertificatesPresent",
    "AccountMFAEnabled",
)


class _Body:
    def __init__(self, text: str) -> None:
        self._text = text

    def stream(self, **_: object) -> list[bytes]:
        """Give everything at once, as urllib3 would in chunks."""
        return [self._text.encode()]


@dataclass
class WireAws:
    """Accounts by their ids. exposed: whose flags are set; refused: AWS's code by account.

    summaries: what is answered instead. A root session's access key carries its account's id, so that a
    request tells whose keys signed it.
    """

    exposed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    refused: dict[str, list[str]] = field(default_factory=dict)
    summaries: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def answer_for(self, client: Any) -> None:
        """Answer a client's requests from here."""
        client.meta.events.register_first("before-send", self._answer)

    def _answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        body = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        signed_by = re.search(r"Credential=([^/]+)/", str(request.headers["Authorization"]))
        account = sent.get("TargetPrincipal") or (signed_by[1][4:16] if signed_by else "")
        self.requests.append(f"{sent['Action']} {account}")
        refusals = self.refused.get(account)
        if refusals and sent["Action"] == "AssumeRoot":
            return _response(request, _error(refusals.pop(0)), 400)
        if sent["Action"] == "AssumeRoot":
            return _response(request, _credentials(account))
        if sent["Action"] == "DeleteLoginProfile":
            self.exposed[account] = ()
            return _response(request, "<DeleteLoginProfileResponse/>")
        if sent["Action"] == "GetUser":
            return _response(request, _USER)
        told = self.summaries.get(account) or summary(*self.exposed.get(account, ()))
        return _response(request, told)


def _response(request: AWSPreparedRequest, text: str, status: int = 200) -> AWSResponse:
    return AWSResponse(request.url, status, HTTPHeaders(), _Body(text))


_USER = "<GetUserResponse><GetUserResult><User><UserId>root</UserId></User></GetUserResult></GetUserResponse>"


def _error(code: str) -> str:
    return f"<ErrorResponse><Error><Code>{code}</Code><Message>refused</Message></Error></ErrorResponse>"


def _credentials(account: str) -> str:
    return (
        "<AssumeRootResponse><AssumeRootResult><Credentials>"
        f"<AccessKeyId>ASIA{account}</AccessKeyId><SecretAccessKey>verysecret</SecretAccessKey>"
        "<SessionToken>verysecrettoo</SessionToken><Expiration>2026-06-01T12:02:00Z</Expiration>"
        "</Credentials></AssumeRootResult></AssumeRootResponse>"
    )


def summary(*present: str, others: int = 0) -> str:
    """Return an account summary in which these flags are set, beside so many other entries."""
    flags = {flag: int(flag in present) for flag in _FLAGS} | {f"Quota{n}": n for n in range(others)}
    entries = "".join(
        f"<entry><key>{key}</key><value>{value}</value></entry>" for key, value in flags.items()
    )
    return (
        "<GetAccountSummaryResponse><GetAccountSummaryResult><SummaryMap>"
        f"{entries}</SummaryMap></GetAccountSummaryResult></GetAccountSummaryResponse>"
    )
