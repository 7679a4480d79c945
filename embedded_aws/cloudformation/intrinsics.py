"""CloudFormation's intrinsic functions."""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

NO_VALUE = object()
_VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")


class TemplateError(RuntimeError):
    """When a template says something that cannot be deployed here."""


@dataclass(frozen=True, kw_only=True)
class Intrinsics:
    """Evaluates intrinsic functions with the look-ups of one template."""

    reference: Callable[[str], object]
    attribute: Callable[[str, str], object]
    condition: Callable[[str], bool]
    mappings: Mapping[str, Any]
    exports: Mapping[str, object]

    def resolve(self, value: object) -> Any:
        """Return a value with every intrinsic function in it evaluated."""
        if isinstance(value, list):
            items = (self.resolve(item) for item in value)
            return [item for item in items if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            if name in self._FUNCTIONS:
                return self._FUNCTIONS[name](self, argument)
            if name.startswith("Fn::"):
                raise TemplateError(f"{name} is not an intrinsic function this program knows")
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not NO_VALUE}

    def _get_attribute(self, argument: Any) -> object:
        logical_id, name = argument.split(".", 1) if isinstance(argument, str) else argument
        return self.attribute(logical_id, str(self.resolve(name)))

    def _join(self, argument: Any) -> str:
        delimiter, values = argument
        return str(delimiter).join(_text(item) for item in self.resolve(values))

    def _sub(self, argument: Any) -> str:
        text, given = (argument, {}) if isinstance(argument, str) else argument
        variables = self.resolve(given)

        def replacement(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return f"${{{name}}}"
            if name in variables:
                return _text(variables[name])
            value = self._get_attribute(name) if "." in name else self.reference(name)
            return _text(value)

        return _VARIABLE.sub(replacement, text)

    def _select(self, argument: Any) -> object:
        index, values = argument
        return self.resolve(values)[int(self.resolve(index))]

    def _split(self, argument: Any) -> list[str]:
        delimiter, text = argument
        return str(self.resolve(text)).split(delimiter)

    def _if(self, argument: Any) -> Any:
        condition, then, otherwise = argument
        return self.resolve(then if self.condition(condition) else otherwise)

    def _find_in_map(self, argument: Any) -> object:
        name, first, second = (self.resolve(item) for item in argument[:3])
        try:
            return self.mappings[name][first][second]
        except KeyError as error:
            raise TemplateError(f"Fn::FindInMap {name}.{first}.{second}: no such entry") from error

    def _import_value(self, argument: Any) -> object:
        name = self.resolve(argument)
        if name not in self.exports:
            raise TemplateError(f"Fn::ImportValue of {name!r}, which no deployed stack exports")
        return self.exports[name]

    def _equals(self, argument: Any) -> bool:
        left, right = self.resolve(argument)
        return _text(left) == _text(right)

    def _to_json_string(self, argument: Any) -> str:
        return json.dumps(self.resolve(argument), separators=(",", ":"))

    _FUNCTIONS: ClassVar[dict[str, Callable[[Any, Any], Any]]] = {
        "Ref": lambda self, argument: self.reference(argument),
        "Condition": lambda self, argument: (
            self.condition(argument) if isinstance(argument, str) else {"Condition": argument}
        ),
        "Fn::GetAtt": _get_attribute,
        "Fn::Join": _join,
        "Fn::Sub": _sub,
        "Fn::Select": _select,
        "Fn::Split": _split,
        "Fn::If": _if,
        "Fn::FindInMap": _find_in_map,
        "Fn::ImportValue": _import_value,
        "Fn::Equals": _equals,
        "Fn::And": lambda self, argument: all(self.resolve(item) for item in argument),
        "Fn::Or": lambda self, argument: any(self.resolve(item) for item in argument),
        "Fn::Not": lambda self, argument: not self.resolve(argument[0]),
        "Fn::Base64": lambda self, argument: base64.b64encode(str(self.resolve(argument)).encode()).decode(),
        "Fn::ToJsonString": _to_json_string,
    }


def references(value: object) -> Iterator[str]:
    """Every name a part of a template refers to, by intrinsic function or DependsOn."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in {"Ref", "DependsOn"}:
                yield from [item] if isinstance(item, str) else item
            elif key == "Fn::GetAtt":
                yield item.split(".", 1)[0] if isinstance(item, str) else item[0]
            elif key == "Fn::Sub":
                text = item if isinstance(item, str) else item[0]
                yield from (name.split(".", 1)[0] for _, name in _VARIABLE.findall(text))
            yield from references(item)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
