"""Every answer AWS gave while a drill ran, without secrets: what AWS really says, for tests to learn from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.model import OperationModel

from lambdas.domain.outcomes import iso
from rootctl.aws import AwsSession

_SECRET = frozenset(
    {"secretaccesskey", "sessiontoken", "secretstring", "secretbinary", "password", "plaintext"}
)
_REDACTED = "(left out)"
_LONGEST = 2000


@dataclass
class Answers:
    """Keeps answers in the order they came. See tests/recorded/README.md for the form."""

    kept: list[dict[str, Any]] = field(default_factory=list)
    _known: dict[str, dict[str, Any]] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def listening(cls, *sessions: AwsSession) -> "Answers":
        """Keep what is answered to the sessions' clients from now on."""
        answers = cls()
        for session in dict.fromkeys(sessions):
            session.boto3.events.register("after-call.*.*", answers._keep, unique_id=f"drill-{id(answers)}")
        return answers

    def _keep(self, model: OperationModel, parsed: Mapping[str, Any], **_: object) -> None:
        answer = {name: value for name, value in parsed.items() if name != "ResponseMetadata"}
        error = answer.pop("Error", None)
        entry: dict[str, Any] = {
            "service": model.service_model.service_name,
            "operation": model.name,
            "http": parsed.get("ResponseMetadata", {}).get("HTTPStatusCode"),
        }
        entry |= {"error": _plain(error)} if error else {"answer": _plain(answer)}
        # A drill that waits asks the same many times.
        known = self._known.setdefault(json.dumps(entry, sort_keys=True), {**entry, "times": 0})
        if not known["times"]:
            self.kept.append(known)
        known["times"] += 1


def _plain(value: object, key: str = "") -> Any:
    """Return a value as JSON holds it, without secrets and without what is only read as a stream."""
    if key.lower() in _SECRET:
        return _REDACTED
    if isinstance(value, Mapping):
        return {str(name): _plain(each, str(name)) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each, key) for each in value]
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, str):
        return value[:_LONGEST]
    return value if value is None or isinstance(value, bool | int | float) else f"({type(value).__name__})"
