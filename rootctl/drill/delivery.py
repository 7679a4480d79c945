"""Whether notifications reached people: what machines can say of it, and what only a person can."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import sleep

from rootctl.alert_channels import AlertChannel, alert_channels
from rootctl.consent import answered
from rootctl.drill.hop import CHANNELS, ROUTING, Hop
from rootctl.hub import Hub
from rootctl.output import waiting
from rootwarden.aws.clients import refusals
from rootwarden.outcomes import utc_now

_PERIOD = 60
# CloudWatch has SNS's figures some minutes late.
_PATIENCE = timedelta(minutes=5)
_BETWEEN_LOOKS = 15.0
_TOPIC = "arn:"


@dataclass(frozen=True)
class Delivery:
    """What happened to the notifications sent since a drill began. ask: whether a person can be asked."""

    hub: Hub
    begun: datetime
    ask: bool

    def hops(self) -> Iterator[Hop]:
        """Look at each channel; raises CallRefused and NoHub."""
        channels = alert_channels(self.hub)
        working = [channel for channel in channels if channel.is_confirmed is not False]
        for channel in channels:
            if channel.is_confirmed is False:
                text = f"{channel.address} has not confirmed its subscription: nothing is sent there"
                yield Hop.missed(
                    f"{channel.kind} confirmed", text, channel.remedy or "rootctl doctor", *CHANNELS
                )
        yield from self._topics(working)
        if self.ask:
            yield from map(_asked, working)

    def _topics(self, working: Sequence[AlertChannel]) -> Iterator[Hop]:
        name = "SNS delivered"
        if any(channel.is_confirmed for channel in working):
            yield self._delivered(name, self.hub.output("AlertTopicArn"))
        else:
            yield Hop.missed(
                name, "no confirmed subscription of the alerts' topic", "rootctl doctor", *CHANNELS
            )
        for channel in working:
            if channel.address.startswith(_TOPIC):
                yield self._delivered("chat delivered", channel.address)

    def _delivered(self, name: str, topic: str) -> Hop:
        """Ask CloudWatch how many notifications SNS delivered of a topic, and how many it could not."""
        with waiting(f"Waiting for: {name} (CloudWatch's figures, at most 5 minutes)"):
            delivered, failed = self._figures(topic)
        if failed:
            text = f"SNS could not deliver {failed} notifications, and delivered {delivered}"
            return Hop.missed(name, text, "rootctl test-alert", *CHANNELS)
        if not delivered:
            text = "CloudWatch has no figures of the topic: nothing was sent, or they come later"
            return Hop.unknown(name, text, "look again later: metrics of AWS/SNS", *CHANNELS, *ROUTING)
        return Hop.seen(name, f"SNS delivered {delivered} notifications, and failed at none")

    def _figures(self, topic: str) -> tuple[int, int]:
        until = utc_now() + _PATIENCE
        while True:
            delivered = self._count(topic, "NumberOfNotificationsDelivered")
            failed = self._count(topic, "NumberOfNotificationsFailed")
            if delivered or failed or utc_now() >= until:
                return delivered, failed
            sleep(_BETWEEN_LOOKS)

    def _count(self, topic: str, metric: str) -> int:
        client = self.hub.session.client("cloudwatch")
        with refusals():
            answer = client.get_metric_statistics(
                Namespace="AWS/SNS",
                MetricName=metric,
                Dimensions=[{"Name": "TopicName", "Value": topic.rpartition(":")[2]}],
                StartTime=self.begun,
                EndTime=utc_now() + timedelta(seconds=_PERIOD),
                Period=_PERIOD,
                Statistics=["Sum"],
            )
        return int(sum(point["Sum"] for point in answer["Datapoints"]))


def _asked(channel: AlertChannel) -> Hop:
    name = f"{channel.kind} received"
    arrived = answered(f"Did the drill's messages arrive: {channel.kind}, {channel.address}?")
    if arrived is None:
        return Hop.unknown(
            name, f"nobody said whether it arrived: {channel.address}", "ask people", *CHANNELS
        )
    if arrived:
        return Hop.seen(name, f"a person says so: {channel.address}")
    text = f"a person says that nothing arrived: {channel.address}"
    return Hop.missed(name, text, "look into the spam folder; then rootctl test-alert", *CHANNELS)
