"""Whether notifications reached people: what machines can say of it, and what only a person can."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import sleep
from typing import TYPE_CHECKING

import typer

from lambdas.adapters.refusals import refusals
from lambdas.domain.clock import utc_now
from rootctl.alert_channels import Channel, alert_channels
from rootctl.drill.hop import Hop, Sight
from rootctl.hub import Hub

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

_PERIOD = 60
# CloudWatch has SNS's figures some minutes late.
_PATIENCE = timedelta(minutes=5)
_BETWEEN_LOOKS = 15.0


@dataclass(frozen=True)
class Delivery:
    """What happened to the notifications sent since a drill began. ask: whether a person can be asked."""

    hub: Hub
    begun: datetime
    ask: bool

    def hops(self) -> Iterator[Hop]:
        """Look at each channel; raises CallRefused and NoHub."""
        channels = alert_channels(self.hub)
        for channel in channels:
            if channel.is_confirmed is False:
                text = f"{channel.address} has not confirmed its subscription: nothing is sent there"
                yield self._hop(f"{channel.kind} confirmed", Sight.NOT_SEEN, text, channel.mend)
        yield self._delivered()
        if self.ask:
            yield from map(self._asked, (each for each in channels if each.is_confirmed is not False))

    def _delivered(self) -> Hop:
        """Ask CloudWatch how many notifications SNS delivered, and how many it could not."""
        name, until = "SNS delivered", utc_now() + _PATIENCE
        while not (delivered := self._count("NumberOfNotificationsDelivered")) and utc_now() < until:
            failed = self._count("NumberOfNotificationsFailed")
            if failed:
                break
            sleep(_BETWEEN_LOOKS)
        failed = self._count("NumberOfNotificationsFailed")
        if failed:
            text = f"SNS could not deliver {failed} notifications, and delivered {delivered}"
            return self._hop(name, Sight.NOT_SEEN, text, "rootctl doctor: alert channels")
        if not delivered:
            text = "CloudWatch has no figures of the topic yet"
            return self._hop(name, Sight.UNKNOWN, text, "look again later: metrics of AWS/SNS")
        return self._hop(name, Sight.SEEN, f"SNS delivered {delivered} notifications, and failed at none")

    def _count(self, metric: str) -> int:
        client: CloudWatchClient = self.hub.session.client("cloudwatch")
        topic = self.hub.output("AlertTopicArn").rpartition(":")[2]
        with refusals():
            answer = client.get_metric_statistics(
                Namespace="AWS/SNS",
                MetricName=metric,
                Dimensions=[{"Name": "TopicName", "Value": topic}],
                StartTime=self.begun,
                EndTime=utc_now() + timedelta(seconds=_PERIOD),
                Period=_PERIOD,
                Statistics=["Sum"],
            )
        return int(sum(point["Sum"] for point in answer["Datapoints"]))

    def _asked(self, channel: Channel) -> Hop:
        name = f"{channel.kind} received"
        if typer.confirm(f"Did the drill's messages arrive: {channel.kind}, {channel.address}?", err=True):
            return self._hop(name, Sight.SEEN, f"a person says so: {channel.address}")
        text = f"a person says that nothing arrived: {channel.address}"
        return self._hop(name, Sight.NOT_SEEN, text, "look into the spam folder; then rootctl test-alert")

    def _hop(self, name: str, sight: Sight, text: str, remedy: str | None = None) -> Hop:
        return Hop(name=name, sight=sight, text=text, at=utc_now(), remedy=remedy)
