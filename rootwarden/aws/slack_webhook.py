"""Messages to a Slack incoming webhook. Its URL is a secret: kept in Secrets Manager, never logged.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import urllib3

from rootwarden.aws.errors import refusals
from rootwarden.claims import RetryLater
from rootwarden.messages.delivery import NotTaken

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_TIMEOUT = urllib3.Timeout(connect=3, read=5)
_OK = 200
_TOO_MANY = 429


@dataclass(frozen=True)
class SlackWebhook:
    """The webhook whose URL a secret holds; read anew for each message, so that a new one works at once."""

    secrets: "SecretsManagerClient"
    secret_arn: str
    http: urllib3.PoolManager

    def post(self, message: dict[str, object]) -> None:
        """Post a message; raises NotTaken, CallRefused, and RetryLater when Slack asks to slow down.

        No error names the URL.
        """
        with refusals():
            secret = self.secrets.get_secret_value(SecretId=self.secret_arn)
        url = secret.get("SecretString", "").strip()
        if not url.startswith(("https://", "http://127.0.0.1:")):
            raise NotTaken(f"the secret {self.secret_arn} holds no https:// address")
        try:
            answer = self.http.request("POST", url, json=message, timeout=_TIMEOUT, retries=False)
        except urllib3.exceptions.HTTPError as error:
            raise NotTaken(f"Slack cannot be reached: {type(error).__name__}") from None
        if answer.status == _TOO_MANY:
            wait = answer.headers.get("Retry-After", "some")
            raise RetryLater(f"Slack asks to wait {wait} seconds")
        if answer.status != _OK:
            raise NotTaken(f"Slack answered {answer.status}: {answer.data[:200]!r}")
