"""YAML that holds plain data: texts, whole numbers, true, false, null, lists and objects.

Account ids, dates, `no` and `on` are texts, and a key that stands twice is a mistake.
"""

import re
from collections.abc import Iterator

import yaml

# As JSON, nothing that is meant comes near it; aliases within aliases soon do.
_MOST_VALUES = 100_000
_TAG = "tag:yaml.org,2002:"
_COLLECTIONS = {f"{_TAG}seq", f"{_TAG}map"}
# What is read as what: the pattern, the first characters, and in words. Twelve digits are an account id,
# whose leading zeros count.
_SCALARS = {
    f"{_TAG}bool": (r"true|false", ["t", "f"], "true or false"),
    f"{_TAG}null": (r"null|~|", ["n", "~", ""], "null"),
    f"{_TAG}int": (r"[-+]?(0|[1-9][0-9]{0,10})", list("-+0123456789"), "a whole number of up to 11 digits"),
    f"{_TAG}str": (r"(?s:.*)", [], "a text"),
}


class PlainLoader(yaml.SafeLoader):
    """For yaml.load; raises yaml.MarkedYAMLError for what is no plain data, and RecursionError."""

    yaml_implicit_resolvers = {}  # noqa: RUF012 - as PyYAML has it

    def get_single_node(self) -> yaml.Node | None:
        """Return the document, looked through before anything is made of it."""
        document: yaml.Node | None = super().get_single_node()
        if document is not None:
            _values_in(document, {})
        return document


for _tag, (_pattern, _first, _) in _SCALARS.items():
    if _first:
        PlainLoader.add_implicit_resolver(_tag, re.compile(f"^(?:{_pattern})$"), _first)


def _values_in(node: yaml.Node, known: dict[yaml.Node, int]) -> int:
    """Return how many values there are, each alias written out; raise ConstructorError for a mistake."""
    if node in known:
        if not known[node]:
            raise _mistake(node, "found an alias of what it stands in; takes a value")
        return known[node]
    known[node] = 0
    _check(node)
    found = 1 + sum(_values_in(each, known) for each in _inside(node))
    if found > _MOST_VALUES:
        raise _mistake(node, f"found more than {_MOST_VALUES} values; takes fewer")
    known[node] = found
    return found


def _inside(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _check(node: yaml.Node) -> None:
    name = f"!!{node.tag.removeprefix(_TAG)}" if node.tag.startswith(_TAG) else node.tag
    if node.tag not in _COLLECTIONS | _SCALARS.keys():
        raise _mistake(node, f"found {name}; takes text, whole numbers, true, false, null, lists and objects")
    if isinstance(node, yaml.ScalarNode) and node.tag in _SCALARS:
        pattern, _, words = _SCALARS[node.tag]
        if not re.fullmatch(pattern, node.value):
            raise _mistake(node, f"found {name} {node.value}; takes {words}")
    if isinstance(node, yaml.MappingNode):
        _check_keys(node)


def _check_keys(node: yaml.MappingNode) -> None:
    seen = set()
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _mistake(key, "found a list or an object for a key; takes a text")
        if key.tag != f"{_TAG}str":
            raise _mistake(key, f'found the key {key.value}; takes a text, such as "{key.value}" in quotes')
        if key.value in seen:
            raise _mistake(key, f"the key {key.value} stands here a second time")
        seen.add(key.value)


def _mistake(node: yaml.Node, problem: str) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(problem=problem, problem_mark=node.start_mark)
