from typing import Any

import pytest

from embedded_aws.cloudformation.intrinsics import TemplateError
from embedded_aws.cloudformation.template import Created, Environment, Template


def deploy(document: dict[str, Any], **environment: Any) -> dict[str, Any]:
    """Deploy a template of imaginary resources; returns the properties each was created with."""
    created: dict[str, Any] = {}

    def create(logical_id: str, kind: str, properties: dict[str, Any]) -> Created:
        assert kind == "T"
        created[logical_id] = properties
        return Created(reference=f"ref-{logical_id}", attributes={"Arn": f"arn:{logical_id}"})

    place = {"account": "111122223333", "region": "eu-west-1", "stack_name": "S", **environment}
    Template(document, Environment(**place)).deploy(create)
    return created


def resolved(value: Any, **document: Any) -> Any:
    resources = {"A": {"Type": "T"}, "X": {"Type": "T", "Properties": {"v": value}}}
    return deploy({"Resources": resources, **document})["X"].get("v")


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ({"Ref": "A"}, "ref-A"),
        ({"Fn::GetAtt": ["A", "Arn"]}, "arn:A"),
        ({"Fn::GetAtt": "A.Arn"}, "arn:A"),
        ({"Ref": "AWS::Region"}, "eu-west-1"),
        ({"Ref": "AWS::Partition"}, "aws"),
        ({"Fn::Join": ["-", ["a", {"Ref": "A"}]]}, "a-ref-A"),
        ({"Fn::Sub": "${A}/${A.Arn}/${AWS::AccountId}/${!literal}"}, "ref-A/arn:A/111122223333/${literal}"),
        ({"Fn::Sub": ["${b}", {"b": {"Ref": "A"}}]}, "ref-A"),
        ({"Fn::Select": [1, {"Fn::Split": ["-", {"Ref": "A"}]}]}, "A"),
        ({"Fn::If": ["Yes", "a", "b"]}, "a"),
        ({"Fn::If": ["No", "a", {"Ref": "AWS::NoValue"}]}, None),
        ([{"Ref": "AWS::NoValue"}, 1], [1]),
        ({"Fn::FindInMap": ["M", "a", "b"]}, "c"),
        ({"Fn::ToJsonString": {"a": {"Ref": "A"}}}, '{"a":"ref-A"}'),
        ({"Fn::Base64": "a"}, "YQ=="),
        ({"Condition": {"StringEquals": {"a": "b"}}}, {"Condition": {"StringEquals": {"a": "b"}}}),
    ],
)
def test_intrinsic_functions(value: Any, result: Any) -> None:
    conditions = {
        "Yes": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
        "No": {"Fn::Not": [{"Condition": "Yes"}]},
    }
    assert resolved(value, Conditions=conditions, Mappings={"M": {"a": {"b": "c"}}}) == result


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"Fn::Cidr": []}, "S/X: Fn::Cidr is not an intrinsic function"),
        ({"Ref": "Nobody"}, "S/X: Ref of 'Nobody'"),
        ({"Fn::GetAtt": ["A", "Colour"]}, "A has no attribute 'Colour'"),
        ({"Fn::ImportValue": "x"}, "'x', which no deployed stack exports"),
        ({"Fn::If": ["Undefined", 1, 2]}, "condition 'Undefined' is not defined"),
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
                "C": {"Type": "T", "Properties": {"v": {"Fn::Sub": "${B.Arn}"}}},
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


def test_a_resource_whose_condition_does_not_hold_is_left_out() -> None:
    conditions = {"No": {"Fn::Equals": ["a", "b"]}}
    resources = {"A": {"Type": "T", "Condition": "No"}, "B": {"Type": "T"}}
    assert list(deploy({"Resources": resources, "Conditions": conditions})) == ["B"]


def test_parameters_have_values_or_are_missed() -> None:
    document = {
        "Parameters": {"P": {"Type": "String"}},
        "Resources": {"A": {"Type": "T", "Properties": {"v": {"Ref": "P"}}}},
    }
    assert deploy(document, parameters={"P": "given"})["A"] == {"v": "given"}
    with pytest.raises(TemplateError, match="parameter P has no value"):
        deploy(document)
