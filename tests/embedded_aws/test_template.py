from typing import Any

import pytest

from embedded_aws.cloudformation.resource import Created, StackArtifact, TemplateError
from embedded_aws.cloudformation.template import Template


def deploy(document: dict[str, Any], **environment: Any) -> dict[str, Any]:
    """Deploy a template of imaginary resources; returns the properties each was created with."""
    created: dict[str, Any] = {}

    def create(logical_id: str, kind: str, properties: dict[str, Any]) -> Created:
        assert kind == "T"
        created[logical_id] = properties
        return Created(reference=f"ref-{logical_id}", attributes={"Arn": f"arn:{logical_id}"})

    place = {"account": "111122223333", "region": "eu-west-1", "name": "S", **environment}
    Template(StackArtifact(template=document, **place)).deploy(create)
    return created


def resolved(value: Any) -> Any:
    resources = {"A": {"Type": "T"}, "X": {"Type": "T", "Properties": {"v": value}}}
    return deploy({"Resources": resources})["X"].get("v")


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ({"Ref": "A"}, "ref-A"),
        ({"Fn::GetAtt": ["A", "Arn"]}, "arn:A"),
        ({"Ref": "AWS::Region"}, "eu-west-1"),
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Fn::Join": ["-", ["a", {"Ref": "A"}]]}, "a-ref-A"),
        ({"Condition": {"StringEquals": {"a": "b"}}}, {"Condition": {"StringEquals": {"a": "b"}}}),
    ],
)
def test_intrinsic_functions(value: Any, result: Any) -> None:
    assert resolved(value) == result


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"Fn::Cidr": []}, "S/X: Fn::Cidr is not an intrinsic function"),
        ({"Ref": "Nobody"}, "S/X: Ref of 'Nobody'"),
        ({"Fn::GetAtt": ["A", "Colour"]}, "A has no attribute 'Colour'"),
    ],
)
def test_what_cannot_be_resolved_is_an_error_with_its_place(value: Any, says: str) -> None:
    with pytest.raises(TemplateError, match=says):
        resolved(value)


def test_resources_come_after_what_they_refer_to() -> None:
    order = deploy(
        {
            "Resources": {
                "D": {"Type": "T", "DependsOn": ["C"]},
                "C": {"Type": "T", "Properties": {"v": [{"Ref": "B"}]}},
                "B": {"Type": "T", "Properties": {"v": {"Fn::GetAtt": ["A", "Arn"]}}},
                "A": {"Type": "T"},
            }
        }
    )
    assert list(order) == ["A", "B", "C", "D"]


def test_a_circle_is_an_error_that_names_it() -> None:
    resources = {
        "A": {"Type": "T", "Properties": {"v": {"Ref": "B"}}},
        "B": {"Type": "T", "Properties": {"v": {"Ref": "A"}}},
    }
    with pytest.raises(TemplateError, match=r"A → B|B → A"):
        deploy({"Resources": resources})


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"Conditions": {}}, "S has Conditions"),
        ({"Resources": {"A": {"Type": "T", "Condition": "No"}}}, "A has Condition"),
    ],
)
def test_what_would_be_left_out_is_refused(document: dict[str, Any], says: str) -> None:
    with pytest.raises(TemplateError, match=says):
        deploy(document)


def test_parameters_have_values_or_are_missed() -> None:
    document = {
        "Parameters": {"P": {"Type": "String"}},
        "Resources": {"A": {"Type": "T", "Properties": {"v": {"Ref": "P"}}}},
    }
    assert deploy(document, parameters={"P": "given"})["A"] == {"v": "given"}
    with pytest.raises(TemplateError, match="parameter P has no value"):
        deploy(document)
