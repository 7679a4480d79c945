"""What Slack, or whoever answers at the webhook's address, may answer; the address itself is a secret."""

import json
from typing import Any

import urllib3
from botocore.exceptions import ClientError

from proofs.fuzz.inertness import no_secret
from proofs.fuzz.reading import logged
from proofs.fuzz.strangers import SECRETS, Stranger
from rootwarden.aws.clients import logger
from rootwarden.aws.notifications import NotTaken, SlackWebhook
from rootwarden.claims import RetryLater
from rootwarden.refusals import CallRefused

_URL = SECRETS[2]
_ERRORS = ("MaxRetryError", "NewConnectionError", "ReadTimeoutError", "ProtocolError", "LocationParseError")
_SECRET = "arn:aws:secretsmanager:us-east-1:222233334444:secret:slack-webhook-AbCdEf"


def written(stranger: Stranger) -> dict[str, Any]:
    """Write an answer, or the way in which none comes."""
    return {
        "status": stranger.random.choice((200, 200, 302, 400, 404, 429, 500)),
        "body": stranger.text()[:400],
        "retry": stranger.text()[:400],
        "error": stranger.random.choice((None, None, *_ERRORS)),
        "refused": stranger.chance(0.1),
        "secret": stranger.random.choice((_URL, _URL, f"{_URL} ", stranger.text())),
    }


def post(given: dict[str, Any]) -> None:
    """Post a message there."""
    webhook = SlackWebhook(_Secrets(given), _SECRET, _Http(given))  # type: ignore[arg-type] # played
    with logged():
        try:
            webhook.post({"text": "test"})
        except (NotTaken, CallRefused, RetryLater) as error:
            no_secret(str(error), "the error")
            logger.error("notification not taken", why=str(error), exc_info=error)


class _Secrets:
    def __init__(self, given: dict[str, Any]) -> None:
        self._given = given

    def get_secret_value(self, **_: Any) -> dict[str, str]:
        if self._given["refused"]:
            raise ClientError(
                {"Error": {"Code": "AccessDenied", "Message": self._given["body"]}}, "GetSecretValue"
            )
        return {"SecretString": self._given["secret"]}


class _Answer:
    def __init__(self, given: dict[str, Any]) -> None:
        self.status = given["status"]
        self.headers = {"Retry-After": given["retry"]}
        self.data = json.dumps(given["body"]).encode()


class _Http:
    def __init__(self, given: dict[str, Any]) -> None:
        self._given = given

    def request(self, _method: str, url: str, **_: Any) -> _Answer:
        error = self._given["error"]
        if error == "LocationParseError":
            raise urllib3.exceptions.LocationParseError(url)
        if error == "MaxRetryError":
            raise urllib3.exceptions.MaxRetryError(urllib3.HTTPSConnectionPool("hooks.slack.com"), url)
        if error:
            raise urllib3.exceptions.ProtocolError(f"{error} at {url}")
        return _Answer(self._given)
