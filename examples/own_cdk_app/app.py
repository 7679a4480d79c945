"""A CDK app of one's own with rootwarden in it. docs/ways-to-deploy.md says when to do this, and how."""

from aws_cdk import App, Tags
from rootwarden.cdk.configuration.configuration import Configuration
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
)
hub = HubStack(app, "RootWardenHub", configuration=configuration)
organization = OrganizationStack(app, "RootWardenOrganization", configuration=configuration)
for stack in (organization, *management_forwarding(app, configuration=configuration)):
    # The bus is there before anything is sent to it.
    stack.add_stack_dependency(hub)
Tags.of(app).add("team", "security")
app.synth()
