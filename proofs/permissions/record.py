"""One deployment put on record: everything happens in it once, and what that took is kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from embedded_aws.calls import Call
from embedded_aws.iam.authorization import Authorization
from local.aws import LocalAws
from proofs.permissions.arrows import Arrow, Arrows
from proofs.permissions.deployed import Deployed
from proofs.permissions.scenarios import Scenarios
from proofs.permissions.uses import Use, uses_of


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is deployed, what was done with it and which calls those were."""

    deployed: Deployed
    calls: Sequence[Call]
    uses: Sequence[Use]
    arrows: Sequence[Arrow]


def put_on_record(aws: LocalAws) -> Record:
    """Let every scenario happen on a deployed organization."""
    organization = aws.organization
    authorization = Authorization(organization.organization_id, organization.management_account.id)
    by_scenario = {name: _played(aws, name) for name in Scenarios(aws).all()}
    # Accounts that joined in a scenario have roles, too.
    deployed = Deployed(aws.resources)
    calls = [
        call for made in by_scenario.values() for call in made if call.principal.role_arn in deployed.roles
    ]
    arrows = Arrows(deployed, organization_id=organization.organization_id).all(calls)
    uses = [
        *(
            use
            for name, made in by_scenario.items()
            for use in uses_of(made, name, deployed=deployed, authorization=authorization)
        ),
        *(use for arrow in arrows for use in arrow.uses),
    ]
    return Record(deployed=deployed, calls=calls, uses=uses, arrows=arrows)


def _played(aws: LocalAws, scenario: str) -> list[Call]:
    before = len(aws.extensions.calls)
    Scenarios(aws).play(scenario)
    return aws.extensions.calls[before:]
