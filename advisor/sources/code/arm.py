"""ARM templates, which Bicep compiles to: the registrations in them, with what their expressions come to.

Sources: Microsoft, "Understand the structure and syntax of ARM templates", "Resource iteration", "Linked and nested
templates"; Bicep's output for the extension ``microsoftGraph`` (``imports`` or ``extensions``, resources by symbolic
name).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from advisor.errors import InputError
from advisor.limits import spend
from advisor.sources.code.arm_expression import Memo, evaluate, is_expression, read_expression
from advisor.sources.code.graph_resource import (
    APPLICATION,
    CREDENTIAL,
    Credential,
    Declared,
    add_declared,
    credential_of,
)
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Node, Place
from reports.rows import Input
from rules.model.registration import Unread

_KIND: Final = "ARM template"
_DEPLOYMENT: Final = "microsoft.resources/deployments"
_COPIES: Final = 100
#: How a compiled template names the application of a credential.
_REFERENCE: Final = re.compile(r"reference\('([\w-]+)'\)|resourceInfo\('([\w-]+)'\)")
_PARAMETERS: Final = "give the parameter a default, or lint the tenant after the deployment"


def read_template(builder: Builder, document: Document, value: Mapping[str, Any], start: int = 0) -> None:
    """Add the registrations of a template. Raises ``InputError`` when there is none."""
    applications: list[Declared] = []
    credentials: list[Credential] = []
    root = Template(value, Place(document, start=start), {})
    for found in root.declared():
        if isinstance(found, Declared):
            applications.append(found)
        else:
            credentials.append(found)
    count = add_declared(builder, applications, credentials, file=document.file, format=_KIND)
    if not count:
        what, hint = "holds an ARM template without a registration", "nothing in it is checked"
        raise InputError(what, file=document.file, hint=hint)
    builder.inputs.append(Input(name=document.file, format=_KIND, status="read", registrations=count))


class Template:
    """A template or one nested in it: the scope of its expressions."""

    def __init__(self, value: Mapping[str, Any], place: Place, given: Mapping[str, Node]) -> None:
        self._value = value
        self._place = place
        self._given = given
        self._memo = Memo()
        self._keys: dict[int, dict[str, str]] = {}
        #: How often the loops around have been gone through, by their names; the innermost loop of resources has none
        #: too.
        self._indexes: dict[str, Node] = {}

    def within(self, _: Mapping[str, Node]) -> Template:
        """ARM's expressions declare no names."""
        return self

    def not_known(self, words: str) -> Unread:
        """Why the value of these words is not known."""
        if "parameters(" in words or "variables(" in words:
            return Unread("placeholder", note=words, remedy=_PARAMETERS)
        return Unread("unknown-until-apply", note=words, remedy="lint the tenant after the deployment")

    def find(self, name: str, steps: Sequence[str | int]) -> tuple[Node, int] | None:
        """A parameter or variable; see ``Scope``."""
        if name == "copyindex":
            index = self._turn(steps)
            return (index, len(steps)) if index is not None else None
        if not steps:
            return None
        key = (name, str(steps[0]))
        return self._memo.find(key, lambda: self._declared(*key))

    def _declared(self, name: str, first: str) -> tuple[Node, int] | None:
        found = self._parameter(first) if name == "parameters" else self._member(("variables", first))
        return (found, 1) if found is not None else None

    def _turn(self, steps: Sequence[str | int]) -> Node | None:
        """``copyIndex()`` of a loop, which may have a name, from an offset on."""
        self._memo.unsettle()
        loop = next((step for step in steps if isinstance(step, str)), "")
        index = self._indexes.get(loop.casefold())
        if index is None or not index.known:
            return index
        return Node(index.value + sum(step for step in steps if isinstance(step, int)), index.place)

    def _parameter(self, name: str) -> Node | None:
        if self._is_secure(name):  # a secret takes no part in what is read
            return None
        if name in self._given:
            return self._given[name]
        return self._member(("parameters", name, "defaultValue"))

    def _is_secure(self, name: str) -> bool:
        """Whether a parameter is declared as a secret."""
        parameters = self._value.get("parameters")
        folded = {key.casefold(): one for key, one in parameters.items()} if isinstance(parameters, dict) else {}
        declared = folded.get(name.casefold())
        kind = declared.get("type") if isinstance(declared, dict) else None
        return str(kind).casefold() in ("securestring", "secureobject")

    def _member(self, path: Sequence[str]) -> Node | None:
        """The value at a path of this template; names of parameters and variables have no case."""
        value: Any = self._value
        place = self._place
        for name in path:
            if not isinstance(value, dict):
                return None
            key = self._key(value, name)
            if key is None:
                return self._repeated(value, place, only=name.casefold()).get(name.casefold())
            value, place = value[key], _below(place, key)
        return self.node(value, place)

    def _key(self, value: Mapping[str, Any], name: str) -> str | None:
        """How *name*, which has no case, is written among the members of an object of this template."""
        keys = self._keys.get(id(value))
        if keys is None:
            keys = self._keys[id(value)] = {key.casefold(): key for key in reversed(tuple(value))}
        return keys.get(name.casefold())

    def node(self, value: Any, place: Place) -> Node:
        """A value with its expressions worked out."""
        spend()
        if isinstance(value, dict):
            members = {key: self.node(member, _below(place, key)) for key, member in value.items() if key != "copy"}
            names = {key.casefold(): str(one["name"]) for key, one in _loops(value)}
            repeated = self._repeated(value, place)
            return Node({**members, **{names[key]: node for key, node in repeated.items()}}, place)
        if isinstance(value, list):
            return Node([self.node(member, _below(place, n)) for n, member in enumerate(value)], place)
        if isinstance(value, str) and is_expression(value):
            return evaluate(read_expression(value, place), self)
        if isinstance(value, str) and value.startswith("[["):
            value = value[1:]
        return Node(value, place)

    def _repeated(self, value: Mapping[str, Any], place: Place, *, only: str | None = None) -> dict[str, Node]:
        """The lists that loops inside an object make, by the names of their properties in small letters."""
        found = {}
        for number, (name, loop) in enumerate(_loops(value)):
            if only not in (None, name):
                continue
            where = _below(_below(place, "copy"), number)
            count = self.node(loop.get("count"), where).value
            if not isinstance(count, int):
                found[name] = Node(self.not_known(f"copyIndex('{loop['name']}')"), where)
                continue
            around = self._indexes
            elements = []
            for turn in range(min(count, _COPIES)):
                self._indexes = {**around, name: Node(turn, where)}
                elements.append(self.node(loop["input"], _below(where, "input")))
            self._indexes = around
            found[name] = Node(elements, where)
        return found

    def declared(self) -> Iterator[Declared | Credential]:
        """The applications and credentials of this template and of those nested in it."""
        yield from self._all(self._value.get("resources"), _below(self._place, "resources"))

    def _all(self, resources: Any, place: Place) -> Iterator[Declared | Credential]:
        """Those among resources, which are an object by symbolic names or a list."""
        for symbol, resource, here in _pairs(resources, place):
            if isinstance(resource, dict) and not resource.get("existing"):
                yield from self._resource(symbol, resource, here, ())

    def _resource(
        self, symbol: str, resource: Mapping[str, Any], place: Place, parents: tuple[str, ...]
    ) -> Iterator[Declared | Credential]:
        copy = resource.get("copy")
        loop = str(copy.get("name") or "").casefold() if isinstance(copy, dict) else ""
        around = self._indexes
        for index in self._copies(resource):
            spend()
            if index is not None:
                self._indexes = {**around, "": index, loop: index}
            if self._is_wanted(resource):
                yield from self._one(symbol, resource, place, parents)
        self._indexes = around

    def _one(
        self, symbol: str, resource: Mapping[str, Any], place: Place, parents: tuple[str, ...]
    ) -> Iterator[Declared | Credential]:
        """What one resource declares in one turn of its loop."""
        kind = str(resource.get("type") or "")
        if kind.casefold() == _DEPLOYMENT:
            yield from self._nested(resource, place)
        elif APPLICATION.match(kind):
            yield from self._application(symbol, resource, place)
        elif CREDENTIAL.search(kind):
            properties = resource.get("properties", {})
            node = self.node(properties, _below(place, "properties"))
            if isinstance(node.value, dict) and "name" in resource and "name" not in node.value:
                node.value["name"] = self.node(resource["name"], _below(place, "name"))
            words = f"{properties.get('name', '') if isinstance(properties, dict) else ''} {resource.get('name', '')}"
            named = [one or other for one, other in _REFERENCE.findall(words)]
            depends = [str(one) for one in resource.get("dependsOn") or ()]
            yield credential_of(node, (*parents, *named, *depends))

    def _application(self, symbol: str, resource: Mapping[str, Any], place: Place) -> Iterator[Declared | Credential]:
        properties = resource.get("properties")
        where = _below(place, "properties") if isinstance(properties, dict) else place
        node = self.node(properties if isinstance(properties, dict) else resource, where)
        names = [one.value for one in (node.value.get("uniqueName"), node.value.get("displayName")) if one is not None]
        if "name" in resource:
            names.append(self.node(resource["name"], place).value)
        known = tuple(name for name in names if isinstance(name, str))
        shown = symbol or (known[0] if known else str(resource.get("name") or "application"))
        index = self._indexes.get("") if "copy" in resource else None
        suffix = "" if index is None else f"[{index.value if index.known else '*'}]"
        note = "conditional" if "condition" in resource else ""
        yield Declared(f"{shown}{suffix}", node, place, known, note)
        children = resource.get("resources")
        for n, child in enumerate(children if isinstance(children, list) else ()):
            if isinstance(child, dict):
                yield from self._resource("", child, _below(_below(place, "resources"), n), (f"{shown}{suffix}",))

    def _is_wanted(self, resource: Mapping[str, Any]) -> bool:
        """Whether a resource is deployed as far as one can say."""
        return self.node(resource.get("condition", True), self._place).value is not False

    def _copies(self, resource: Mapping[str, Any]) -> list[Node | None]:
        """The indexes of a copy loop; nothing for a resource that is there once."""
        copy = resource.get("copy")
        if not isinstance(copy, dict):
            return [None]
        count = self.node(copy.get("count"), self._place).value
        if not isinstance(count, int):
            return [Node(self.not_known("copyIndex()"), self._place)]
        return [Node(n, self._place) for n in range(min(count, _COPIES))]

    def _nested(self, resource: Mapping[str, Any], place: Place) -> Iterator[Declared | Credential]:
        properties = resource.get("properties")
        template = properties.get("template") if isinstance(properties, dict) else None
        if not isinstance(properties, dict) or not isinstance(template, dict):
            return
        options = properties.get("expressionEvaluationOptions")
        is_inner = isinstance(options, dict) and str(options.get("scope")).casefold() == "inner"
        where = _below(_below(place, "properties"), "template")
        given: dict[str, Node] = {}
        parameters = properties.get("parameters")
        for name, one in parameters.items() if isinstance(parameters, dict) else ():
            if isinstance(one, dict) and "value" in one:
                parameter = _below(_below(_below(place, "properties"), "parameters"), name)
                given[name] = self.node(one["value"], _below(parameter, "value"))
        if is_inner:
            yield from Template(template, where, given).declared()
        else:  # its expressions are those of the template around it
            yield from self._all(template.get("resources"), _below(where, "resources"))


def _loops(value: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The loops inside an object: name of the property in small letters, and the loop."""
    copy = value.get("copy")
    loops = copy if isinstance(copy, list) else ()
    return [
        (str(one["name"]).casefold(), one) for one in loops if isinstance(one, dict) and {"name", "input"} <= one.keys()
    ]


def _pairs(resources: Any, place: Place) -> Iterator[tuple[str, Any, Place]]:
    if isinstance(resources, dict):
        yield from ((symbol, resource, _below(place, symbol)) for symbol, resource in resources.items())
    elif isinstance(resources, list):
        yield from (("", resource, _below(place, n)) for n, resource in enumerate(resources))


def _below(place: Place, key: str | int) -> Place:
    token = str(key).replace("~", "~0").replace("/", "~1")
    return Place(place.document, start=place.start, pointer=f"{place.pointer}/{token}")
