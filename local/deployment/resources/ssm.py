"""AWS Systems Manager resources."""

import json

from local.answers.automation_documents import DocumentError, check_document
from local.deployment.intrinsics import TemplateError
from local.deployment.resources.resource import Creator, Resource
from local.deployment.template import Created


def _document(resource: Resource) -> Created:
    # How a later change is made changes nothing here.
    resource.expect("Name", "DocumentType", "DocumentFormat", "Content", "UpdateMethod")
    name, content = resource.name("Name", longest=128), resource.properties["Content"]
    if resource.properties.get("DocumentType") != "Automation":
        raise TemplateError(f"{resource.logical_id} is no automation, all this program knows")
    try:
        check_document(content)
    except DocumentError as error:
        raise TemplateError(f"{resource.logical_id}: {error}") from error
    resource.client("ssm").create_document(
        Name=name, Content=json.dumps(content), **resource.some("DocumentType", "DocumentFormat")
    )
    return Created(reference=name)


CREATORS: dict[str, Creator] = {"AWS::SSM::Document": _document}
