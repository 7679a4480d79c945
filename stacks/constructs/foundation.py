"""What every construct of the hub stands on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_cdk import aws_lambda as lambda_

    from stacks.config import Configuration
    from stacks.constructs.alert_topic import AlertTopic
    from stacks.constructs.bus import Bus
    from stacks.constructs.encryption_key import EncryptionKey
    from stacks.constructs.state_table import StateTable


@dataclass(frozen=True, kw_only=True)
class Foundation:
    """The shared constructs of one hub, handed on as a whole."""

    configuration: Configuration
    key: EncryptionKey
    bus: Bus
    state: StateTable
    alerts: AlertTopic
    layer: lambda_.ILayerVersion
