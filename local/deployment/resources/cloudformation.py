"""AWS CloudFormation resources: stack sets, and custom resources that make AWS calls."""

from local.deployment.custom_resources import run_aws_call
from local.deployment.resources.resource import Creator, Resource
from local.deployment.stack_sets import StackSet
from local.deployment.template import Created


def _stack_set(resource: Resource) -> Created:
    resource.expect(
        "AutoDeployment",
        "CallAs",
        "Capabilities",
        "Description",
        "ManagedExecution",
        "OperationPreferences",
        "Parameters",
        "PermissionModel",
        "StackInstancesGroup",
        "StackSetName",
        "TemplateBody",
        "TemplateURL",
    )
    stack_set = StackSet.from_properties(resource.properties, resource.stack.assets)
    resource.platform.add_stack_set(stack_set, resource.stack)
    return Created(reference=stack_set.name, attributes={"StackSetId": stack_set.name})


def _aws_call(resource: Resource) -> Created:
    token = resource.properties["ServiceToken"]
    provider = resource.client("lambda").get_function(FunctionName=token)["Configuration"]
    return run_aws_call(
        resource.properties,
        logical_id=resource.logical_id,
        region=resource.environment.region,
        client=lambda service, region: resource.platform.role_client(service, provider["Role"], region),
    )


CREATORS: dict[str, Creator] = {
    "AWS::CloudFormation::StackSet": _stack_set,
    "Custom::AWS": _aws_call,
}
