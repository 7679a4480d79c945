"""What can be locked: a bucket or a queue, and where it is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from lambdas.domain.event_fields import Fields


class ResourceKind(StrEnum):
    """What has a policy that only root can repair."""

    BUCKET = "bucket"
    QUEUE = "queue"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One bucket or queue."""

    kind: ResourceKind
    name: str
    arn: str
    region: str

    def to_detail(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"kind": self.kind.value, "name": self.name, "arn": self.arn, "region": self.region}

    @classmethod
    def from_detail(cls, fields: Fields) -> Self:
        """Read the JSON form; raises MalformedEvent."""
        return cls(
            kind=fields.choice(ResourceKind, "kind"),
            name=fields.text("name"),
            arn=fields.text("arn"),
            region=fields.text("region"),
        )

    def __str__(self) -> str:
        """Return what people call it."""
        return f"{self.kind} {self.name}"
