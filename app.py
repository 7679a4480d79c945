"""The CDK app: rootwarden.yaml → configuration → stacks. Calls nothing in AWS."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path

from aws_cdk import Annotations, App, Validations
from cdk_nag import AwsSolutionsChecks

from stacks.configuration.configuration import Configuration
from stacks.configuration.reading import ConfigurationError, read_configuration
from stacks.configuration.source import BLOCK, SourceError, find_source
from stacks.constructs.python_function import LayerMissing
from stacks.constructs.standards import apply_standards
from stacks.forwarding_stack import management_forwarding
from stacks.hub_stack import HubStack
from stacks.organization_stack import OrganizationStack

_PROJECT = Path(__file__).parent


def compose(app: App, configuration: Configuration, *, hints: Iterable[str] = ()) -> None:
    """Put the stacks of one deployment into `app`, checked by cdk-nag when it synthesizes.

    hints: about where the configuration stands, shown among its warnings.
    """
    hub = HubStack(app, configuration.named("RootWardenHub"), configuration=configuration)
    name = configuration.named("RootWardenOrganization")
    organization = OrganizationStack(app, name, configuration=configuration)
    forwarding = management_forwarding(app, configuration=configuration)
    # The bus is there before anything is sent to it; alone with `cdk deploy NAME --exclusively`.
    for stack in (organization, *forwarding):
        stack.add_stack_dependency(hub)
    apply_standards(app, configuration)
    for number, warning in enumerate([*hints, *configuration.warnings()]):
        Annotations.of(hub).add_warning_v2(f"rootwarden:configuration-{number}", warning)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))


def project_context() -> dict[str, object]:
    """Return the context of cdk.json, which the CDK command line passes on but Python does not."""
    document = json.loads((_PROJECT / "cdk.json").read_text(encoding="utf-8"))
    return dict(document["context"])


def main() -> None:
    """Synthesize the deployment; exits with every mistake of the configuration if there are any."""
    app = App(context=project_context())
    try:
        context = app.node.get_all_context()
        source = find_source(context, _PROJECT)
        configuration = read_configuration({**context, BLOCK: source.block}, file=source.file)
        compose(app, configuration, hints=source.hints)
    except (SourceError, ConfigurationError, LayerMissing) as error:
        sys.exit(str(error))
    app.synth()


if __name__ == "__main__":
    main()
