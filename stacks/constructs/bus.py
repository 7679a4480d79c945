"""The bus everything travels on."""

from collections import defaultdict
from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from rootwarden.contract.detail_types import SOURCE
from rootwarden.contract.event_patterns import FORWARDED
from rootwarden.contract.watch_patterns import WATCH_FORWARDED
from stacks.configuration.configuration import Configuration
from stacks.constructs.cfn_resource import cfn_resource
from stacks.constructs.grants import grant
from stacks.constructs.organization_access import grant_particulars

# Fixed, so that accounts and Regions that forward to the bus know its ARN.
BUS_NAME = "rootwarden"


class Bus(events.EventBus):
    """AWS events of the organization come in, outcomes go out."""

    def __init__(self, scope: Construct, construct_id: str, *, configuration: Configuration) -> None:
        """Create the bus, open to the organization for exactly what the rules take."""
        super().__init__(scope, construct_id, event_bus_name=configuration.named(BUS_NAME))
        self._configuration = configuration
        policy = _policy(bus_arn(self, configuration), configuration)
        # As one property of the bus there is no moment at which the denial is not there yet.
        cfn_resource(self, events.CfnEventBus).policy = policy.to_json()

    def grant_publish_outcomes(self, role: iam.Role, *, of_accounts: bool = True) -> None:
        """Let `role` put events on the bus as rootwarden, and as no one else.

        of_accounts: with the accounts' particulars.
        """
        if of_accounts:
            grant_particulars(role, configuration=self._configuration)
        only = _only({"events:source": [SOURCE]})
        grant(role, "PublishOutcomes", ["events:PutEvents"], [self.event_bus_arn], conditions=only)


def hub_bus(scope: Construct, construct_id: str, *, configuration: Configuration) -> events.IEventBus:
    """Return the hub's bus as seen from the account and Region of `scope`."""
    return events.EventBus.from_event_bus_arn(scope, construct_id, bus_arn(scope, configuration))


def bus_arn(scope: Construct, configuration: Configuration) -> str:
    """Return the ARN of the hub's bus."""
    return Stack.of(scope).format_arn(
        service="events",
        region=configuration.hub_region,
        account=configuration.hub_account_id,
        resource="event-bus",
        resource_name=configuration.named(BUS_NAME),
    )


def _policy(arn: str, configuration: Configuration) -> iam.PolicyDocument:
    return iam.PolicyDocument(
        statements=[
            *(
                _statement(
                    f"Organization{number}",
                    arn,
                    {
                        "StringEquals": {"aws:PrincipalOrgID": configuration.organization_id},
                        **_only({"events:detail-type": detail_types, "events:source": sources}),
                    },
                )
                for number, (detail_types, sources) in enumerate(_admitted())
            ),
            # `aws.*` would let them in, and partners are no AWS services.
            _statement(
                "NoPartners",
                arn,
                {"ForAnyValue:StringLike": {"events:source": "aws.partner/*"}},
                effect=iam.Effect.DENY,
            ),
            _statement(
                "OutcomesFromHubOnly",
                arn,
                {
                    "ForAnyValue:StringEquals": {"events:source": SOURCE},
                    "StringNotEquals": {"aws:PrincipalAccount": configuration.hub_account_id},
                },
                effect=iam.Effect.DENY,
            ),
        ]
    )


def _only(admitted: Mapping[str, list[str]]) -> dict[str, dict[str, object]]:
    """Return conditions that hold when every event of a call is admitted.

    The service authorization reference types both keys as lists of texts, as a call may carry several
    events; some examples use them as one text. This holds either way. ForAllValues alone also holds when
    there is no value at all.
    """
    operators = {
        "events:source": "ForAllValues:StringLike",
        "events:detail-type": "ForAllValues:StringEquals",
    }
    return {
        **{operators[key]: {key: values} for key, values in admitted.items()},
        "Null": dict.fromkeys(admitted, "false"),
    }


def _statement(
    sid: str,
    arn: str,
    conditions: dict[str, dict[str, object]],
    effect: iam.Effect = iam.Effect.ALLOW,
) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid=sid,
        effect=effect,
        principals=[iam.AnyPrincipal()],
        actions=["events:PutEvents"],
        resources=[arn],
        conditions=conditions,
    )


def _admitted() -> list[tuple[list[str], list[str]]]:
    """Return which sources are admitted with which detail-types: those that share sources together."""
    sources: dict[str, set[str]] = defaultdict(set)
    for pattern in (*FORWARDED, *WATCH_FORWARDED):
        for detail_type in pattern.detail_type:
            sources[detail_type].update(pattern.source)
    detail_types: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for detail_type, found in sorted(sources.items()):
        detail_types[("aws.*",) if "aws.*" in found else tuple(sorted(found))].append(detail_type)
    return [(admitted, list(found)) for found, admitted in detail_types.items()]
