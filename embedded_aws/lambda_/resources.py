"""AWS Lambda resources."""

from typing import Any

from moto.awslambda.models import lambda_backends

from embedded_aws.cloudformation.resource import Created, Creator, Resource, TemplateError
from embedded_aws.iam.roles import role_allows
from embedded_aws.lambda_.functions import DEAD_LETTERS

# Code is imported from the checkout when a function runs; what is uploaded is never unpacked.
_UNUSED_CODE = {"ZipFile": b"the code is imported, not unpacked"}
_SETTINGS = (
    *("Architectures", "DeadLetterConfig", "Description", "Environment", "Handler", "Layers"),
    *("LoggingConfig", "MemorySize", "Role", "Runtime", "Timeout"),
)
# No loop is stopped here, so none needs to be allowed.
_WITHOUT_EFFECT = ("RecursiveLoop",)
_POLLING_ACTIONS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def _function(resource: Resource) -> Created:
    settings = resource.settings(*_SETTINGS, besides=("Code", "FunctionName", *_WITHOUT_EFFECT))
    properties, client = resource.properties, resource.client("lambda")
    name = resource.name("FunctionName")
    arn = client.create_function(FunctionName=name, Code=_UNUSED_CODE, **settings)["FunctionArn"]
    if "LoggingConfig" in properties:
        # moto's API forgets where a function logs to.
        function = _backend(resource).get_function(name)
        function.logs_group_name = properties["LoggingConfig"]["LogGroup"]
    if "DeadLetterConfig" in properties:
        _keep_dead_letters(resource, name)
    return Created(reference=name, attributes={"Arn": arn})


def _keep_dead_letters(resource: Resource, name: str) -> None:
    arn = resource.properties["DeadLetterConfig"]["TargetArn"]
    function = _backend(resource).get_function(name)
    if not role_allows(function.role, action="sqs:SendMessage", resource=arn):
        raise TemplateError(
            "The provided execution role does not have permissions to call SendMessage on SQS"
        )
    setattr(function, DEAD_LETTERS, arn)


def _event_source_mapping(resource: Resource) -> Created:
    settings = resource.settings(
        *("BatchSize", "Enabled", "EventSourceArn", "FunctionName", "FunctionResponseTypes"),
        "ScalingConfig",
    )
    _refuse_what_lambda_refuses(resource)
    mapping = resource.client("lambda").create_event_source_mapping(**settings)
    return Created(reference=mapping["UUID"], attributes={"Id": mapping["UUID"]})


def _refuse_what_lambda_refuses(resource: Resource) -> None:
    queue_arn = resource.properties["EventSourceArn"]
    function = _backend(resource).get_function(resource.properties["FunctionName"])
    for action in _POLLING_ACTIONS:
        if not role_allows(function.role, action=action, resource=queue_arn):
            operation = action.partition(":")[2]
            raise TemplateError(
                f"The function execution role does not have permissions to call {operation} on SQS"
            )
    name = queue_arn.rpartition(":")[2]
    sqs = resource.client("sqs")
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    visible_again = int(attributes["Attributes"]["VisibilityTimeout"])
    if visible_again < function.timeout:
        raise TemplateError(
            f"Queue visibility timeout: {visible_again} seconds is less than"
            f" Function timeout: {function.timeout} seconds"
        )


def _alias(resource: Resource) -> Created:
    settings = resource.settings("FunctionName", "FunctionVersion", "Name")
    arn = resource.client("lambda").create_alias(**settings)["AliasArn"]
    return Created(reference=arn, attributes={"AliasArn": arn})


def _layer_version(resource: Resource) -> Created:
    settings = resource.settings(
        *("CompatibleArchitectures", "CompatibleRuntimes", "Description"), besides=("Content", "LayerName")
    )
    arn = resource.client("lambda").publish_layer_version(
        LayerName=resource.name("LayerName", longest=140),
        Content=_UNUSED_CODE,
        **settings,
    )["LayerVersionArn"]
    return Created(reference=arn, attributes={"LayerVersionArn": arn})


def _backend(resource: Resource) -> Any:
    return lambda_backends[resource.stack.account][resource.stack.region]


CREATORS: dict[str, Creator] = {
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::Alias": _alias,
    "AWS::Lambda::EventSourceMapping": _event_source_mapping,
    "AWS::Lambda::LayerVersion": _layer_version,
}
