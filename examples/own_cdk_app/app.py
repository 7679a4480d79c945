"""A CDK app of one's own with rootwarden in it. docs/ways-to-deploy.md says when to do this, and how."""

from aws_cdk import App
from rootwarden.cdk.configuration.configuration import Configuration
from rootwarden.cdk.constructs.standards import apply_standards
from rootwarden.cdk.forwarding_stack import management_forwarding
from rootwarden.cdk.hub_stack import HubStack
from rootwarden.cdk.organization_stack import OrganizationStack

app = App()
# Every key of docs/configuration.md; a wrong value fails here, by its name.
configuration = Configuration(
    management_account_id="111122223333",
    organization_id="o-aa111bb222",
    organization_root_id="r-ab12",
    hub_account_id="222233334444",
    hub_region="eu-central-1",
    alert_emails=("security@example.com",),
    tags={"team": "security"},
)
hub = HubStack(app, configuration.named("RootWardenHub"), configuration=configuration)
others = (
    OrganizationStack(app, configuration.named("RootWardenOrganization"), configuration=configuration),
    *management_forwarding(app, configuration=configuration),
)
for stack in others:
    # The bus is there before anything is sent to it.
    stack.add_stack_dependency(hub)
for stack in (hub, *others):
    # Tags, and each role's permissions boundary and path: for these stacks alone.
    apply_standards(stack, configuration)
app.synth()
