"""ARM templates, which Bicep compiles to: the registrations in them, with what their expressions come to.

Sources: Microsoft, "Understand the structure and syntax of ARM templates", "Resource iteration", "Linked and nested
templates"; Bicep's output for the extension ``microsoftGraph`` (``imports`` or ``extensions``, resources by symbolic
name).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Any, Final

import msgspec

from advisor.errors import InputError
from advisor.limits import spend
from advisor.sources.code.arm_expression import is_expression, read_expression
from advisor.sources.code.expressions import Memo, evaluate, shorten
from advisor.sources.code.graph_resource import (
    APPLICATION,
    CREDENTIAL,
    GRANT,
    IDENTITY,
    IDENTITY_CREDENTIAL,
    PRINCIPAL,
    Declaration,
    Declared,
    Deployment,
    Grant,
    add_deployments,
    credential_of,
    grant_of,
)
from advisor.sources.code.parameters import REMEDY, Parameters, learn_secure, parameters_of, undecided
from advisor.sources.code.template_functions import LONGEST_LIST, opened
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Node, Place, absent
from advisor.sources.reading.remedies import AFTER_DEPLOYMENT
from advisor.sources.reading.well_known import offers_of
from reports.rows import Input
from rules.model.registration import Unread

_KIND: Final = "ARM template"
_DEPLOYMENT: Final = "microsoft.resources/deployments"
#: At most this many linked templates are named.
_NAMED: Final = 3
#: User-defined functions may call others, at most this deep.
_DEEPEST_CALL: Final = 20
#: How a compiled template names the application of a credential.
_REFERENCE: Final = re.compile(r"reference\('([\w-]+)'\)|resourceInfo\('([\w-]+)'\)")
_PROPERTY: Final = re.compile(r"\[(?:reference|resourceInfo)\('([\w-]+)'[^)]*\)\.(?:id|appId|principalId)\]")
_AFTER: Final = AFTER_DEPLOYMENT


def read_template(builder: Builder, document: Document, value: Mapping[str, Any], start: int = 0) -> None:
    """Add the registrations of a template. Raises ``InputError`` when there is none."""
    place = Place(document, start=start)
    declared = value.get("parameters")
    names = list(declared) if isinstance(declared, dict) else []
    found: list[Parameters | None] = [*parameters_of(builder, document.file, names)]
    cut: list[str] = []
    links: dict[str, None] = {}
    deployments = []
    secure = [name for name in names if _is_secure(declared[name])] if isinstance(declared, dict) else []
    for parameters in found or [None]:
        learn_secure(builder, parameters.values if parameters else {}, secure)
        root = Template(value, place, parameters.values if parameters else None, cut, links)
        root.is_open = root.is_open or (parameters is not None and parameters.is_open)
        deployments.append(Deployment(list(root.declared()), parameters.file if parameters else ""))
    if links:
        listed = ", ".join(list(links)[:_NAMED]) + (
            f", and {len(links) - _NAMED:,} more" if len(links) > _NAMED else ""
        )
        builder.notes.append(f"Linked templates of {document.file} that were not read: {listed}.")
    count = add_deployments(builder, deployments, file=document.file, format=_KIND)
    if not count and any(APPLICATION.match(one) for one in _types(value)):
        builder.notes.append(f"No instance with the values that were read: the applications of {document.file}.")
    if not count:
        what, hint = "contains an ARM template without a registration", "the file is not checked"
        raise InputError(what, file=document.file, hint=hint)
    row = Input(name=document.file, format=_KIND, status="read", registrations=count)
    if cut:
        note = f"of {cut[0]}, only the first {LONGEST_LIST:,} copies were read"
        row = msgspec.structs.replace(row, status="partly", note=note, remedy="split the template")
    builder.inputs.append(row)


def _types(template: Mapping[str, Any]) -> Iterator[str]:
    """The types of the resources of a template."""
    resources = template.get("resources")
    for one in resources.values() if isinstance(resources, dict) else resources if isinstance(resources, list) else ():
        if isinstance(one, dict) and not one.get("existing"):
            yield str(one.get("type"))


class Template:
    """A template or one nested in it: the scope of its expressions."""

    def __init__(
        self,
        value: Mapping[str, Any],
        place: Place,
        given: Mapping[str, Node] | None,
        cut: list[str] | None = None,
        links: dict[str, None] | None = None,
    ) -> None:
        """*given* are values of parameters by names in lower case; ``None`` where nothing that decides them was read.

        The loops of which only the first copies were read are added to *cut*, and templates that are not read to
        *links*.
        """
        self._value = value
        self._place = place
        self._given = given or {}
        self.is_open = given is None
        self._cut = cut if cut is not None else []
        self._links = links if links is not None else {}
        self._memo: Memo[Node] = Memo()
        self._keys: dict[int, dict[str, str]] = {}
        self._names: Mapping[str, Node] = {}
        self._depth = 0
        #: How often the loops around have been gone through, by their names; the innermost loop of resources has none
        #: too.
        self._indexes: dict[str, Node] = {}

    def within(self, names: Mapping[str, Node]) -> Template:
        """The same with the variables of a lambda."""
        inner = copy(self)
        inner._names = {**self._names, **names}
        return inner

    def not_known(self, words: str) -> Unread:
        """Why the value of these words is not known."""
        if "parameters(" in words.lower() and self.is_open:
            return Unread("placeholder", note=words, remedy=REMEDY)
        if "parameters(" in words.lower() or "variables(" in words.lower():
            return Unread("placeholder", note=words, remedy=_AFTER)
        return Unread("unknown-until-apply", note=words, remedy=_AFTER)

    def find(self, name: str) -> Node | None:
        """A variable of a lambda; see ``Scope``."""
        return self._names.get(name)

    def call(self, name: str, arguments: Sequence[Node]) -> Node | None:
        """A parameter, variable, number of a loop, or function of the template; see ``TemplateScope``."""
        first = arguments[0].value if arguments else None
        if name == "copyindex":
            return self._turn(arguments)
        if name in ("parameters", "variables", "reference"):
            if not isinstance(first, str):
                return None
            key = (name, first if name == "reference" else first.casefold())
            return self._memo.find(key, lambda: self._declared(name, first))
        return self._called(name, arguments) if "." in name else None

    def _declared(self, name: str, first: str) -> Node | None:
        if name == "reference":
            return self._resource_of(first)
        return self._parameter(first) if name == "parameters" else self._member(("variables", first))

    def _turn(self, arguments: Sequence[Node]) -> Node | None:
        """``copyIndex()`` of a loop, which may have a name, from an offset on."""
        self._memo.unsettle()
        values = [argument.value for argument in arguments]
        loop = next((value for value in values if isinstance(value, str)), "")
        index = self._indexes.get(loop.casefold())
        if index is None or not index.known:
            return index
        return Node(index.value + sum(value for value in values if type(value) is int), index.place)

    def _parameter(self, name: str) -> Node | None:
        """What was given for a parameter, or its default where that is in effect."""
        declared = self._folded("parameters").get(name.casefold())
        if not isinstance(declared, dict):
            return None
        if _is_secure(declared):
            # A secret takes no part in what is read.
            return Node(Unread("placeholder", note=f"secure parameter {name}", remedy=_AFTER), self._place)
        given = self._given.get(name.casefold())
        if given is not None and (given.value is not None or "defaultValue" not in declared):  # null means the default
            return given
        if self.is_open and given is None:
            return Node(undecided(name), self._place)
        if "defaultValue" not in declared:
            return Node(None if declared.get("nullable") is True else undecided(name), self._place)
        return self._member(("parameters", name, "defaultValue"))

    def _folded(self, member: str) -> dict[str, Any]:
        """An object of the template with its names in lower case."""
        value = self._value.get(member)
        return {key.casefold(): one for key, one in value.items()} if isinstance(value, dict) else {}

    def _called(self, name: str, arguments: Sequence[Node]) -> Node | None:
        """A user-defined function: ``namespace.name``. It knows its parameters, and nothing else of the template."""
        namespace, _, own = name.partition(".")
        functions = self._value.get("functions")
        for one in functions if isinstance(functions, list) else ():
            members = one.get("members") if isinstance(one, dict) else None
            if not isinstance(members, dict) or str(one.get("namespace")).casefold() != namespace:
                continue
            declared = {key.casefold(): member for key, member in members.items()}.get(own)
            output = declared.get("output") if isinstance(declared, dict) else None
            parameters = declared.get("parameters", []) if isinstance(declared, dict) else []
            if not isinstance(output, dict) or len(parameters) != len(arguments) or self._depth > _DEEPEST_CALL:
                return None
            given = {str(one["name"]).casefold(): node for one, node in zip(parameters, arguments, strict=True)}
            template = {"parameters": {str(one["name"]): one for one in parameters}, "functions": functions}
            inner = Template(template, self._place, given)
            inner._depth = self._depth + 1
            return inner.node(output.get("value"), self._place)
        return None

    def _resource_of(self, symbol: str) -> Node | None:
        """An object of Microsoft Graph that the template declares: what is written of it, and what a service principal
        of Microsoft is known to offer. It has more properties than those.
        """
        resources = self._value.get("resources")
        resource = resources.get(symbol) if isinstance(resources, dict) else None
        kind = str(resource.get("type") or "") if isinstance(resource, dict) and "copy" not in resource else ""
        if not isinstance(resource, dict) or not (APPLICATION.match(kind) or PRINCIPAL.match(kind)):
            return None
        node = self.node(_properties(resource), _below(_below(self._place, "resources"), symbol))
        members = opened(node).value
        app_id = members["appId"].value if "appId" in members else None
        if PRINCIPAL.match(kind) and isinstance(app_id, str):
            members = {**members, "appId": absent(app_id, self._place), **offers_of(app_id, self._place)}
        return absent(members, self._place)

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
            if count > LONGEST_LIST:
                found[name] = Node(self.not_known(f"copyIndex('{loop['name']}')"), where)
                continue
            for turn in range(count):
                self._indexes = {**around, name: Node(turn, where)}
                elements.append(self.node(loop["input"], _below(where, "input")))
            self._indexes = around
            found[name] = Node(elements, where)
        return found

    def declared(self) -> Iterator[Declaration]:
        """The applications and credentials of this template and of those nested in it."""
        yield from self._all(self._value.get("resources"), _below(self._place, "resources"))

    def _all(self, resources: Any, place: Place) -> Iterator[Declaration]:
        """Those among resources, which are an object by symbolic names or a list."""
        for symbol, resource, here in _pairs(resources, place):
            if isinstance(resource, dict) and not resource.get("existing"):
                yield from self._resource(symbol, resource, here, ())

    def _resource(
        self, symbol: str, resource: Mapping[str, Any], place: Place, parents: tuple[str, ...]
    ) -> Iterator[Declaration]:
        repeated = resource.get("copy")
        loop = str(repeated.get("name") or "").casefold() if isinstance(repeated, dict) else ""
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
    ) -> Iterator[Declaration]:
        """What one resource declares in one turn of its loop."""
        kind = str(resource.get("type") or "")
        if kind.casefold() == _DEPLOYMENT:
            yield from self._nested(resource, place)
        elif GRANT.match(kind):
            yield from self._grant(resource, place)
        elif APPLICATION.match(kind):
            yield from self._application(symbol, resource, place)
        elif IDENTITY.match(kind):
            name = self._identity(resource.get("name"))
            for n, child in enumerate(_children(resource)):
                if "federatedidentitycredentials" in str(child.get("type")).casefold():
                    where = _below(_below(place, "resources"), n)
                    yield credential_of(self.node(child, where), (name,), kind="managed identity")
        elif IDENTITY_CREDENTIAL.match(kind):
            name = self._identity(resource.get("name"))
            yield credential_of(self.node(resource, place), (name,), kind="managed identity")
        elif CREDENTIAL.match(kind):
            properties = resource.get("properties", {})
            node = self.node(properties, _below(place, "properties"))
            if isinstance(node.value, dict) and "name" in resource and "name" not in node.value:
                node.value["name"] = self.node(resource["name"], _below(place, "name"))
            words = f"{properties.get('name', '') if isinstance(properties, dict) else ''} {resource.get('name', '')}"
            named = [one or other for one, other in _REFERENCE.findall(words)]
            depends = [str(one) for one in resource.get("dependsOn") or ()]
            yield credential_of(node, (*parents, *named, *depends))

    def _grant(self, resource: Mapping[str, Any], place: Place) -> Iterator[Grant]:
        """What a resource grants to a service principal, which belongs to what its object ID is of."""
        properties = resource.get("properties")
        members = self.node(properties, _below(place, "properties")).value if isinstance(properties, dict) else {}
        written = properties if isinstance(properties, dict) else {}
        api = self._referred(written.get("resourceId"))[1]
        client = self.node(_properties(api).get("appId"), place)
        if not isinstance(client.value, str):
            client = Node(Unread("unknown-until-apply", note=str(written.get("resourceId", "")), remedy=_AFTER), place)
        grant = grant_of(str(resource.get("type")), members, place, client)
        name = "principalId" if "principalId" in written else "clientId"
        symbol, principal = self._referred(written.get(name))
        kind = "managed identity" if IDENTITY.match(str(principal.get("type"))) else "service principal"
        application, _ = self._referred(_properties(principal).get("appId"))
        owner = application or symbol or (members[name].value if name in members else "")
        if grant is not None:
            yield msgspec.structs.replace(grant, of=(owner,) if isinstance(owner, str) and owner else (), kind=kind)

    def _referred(self, written: Any) -> tuple[str, Mapping[str, Any]]:
        """The symbol and the resource of which an expression is a property; empty for any other expression."""
        match = _PROPERTY.fullmatch(written) if isinstance(written, str) else None
        resources = self._value.get("resources")
        resource = resources.get(match[1]) if match and isinstance(resources, dict) else None
        return (match[1], resource) if match and isinstance(resource, dict) else ("", {})

    def _application(self, symbol: str, resource: Mapping[str, Any], place: Place) -> Iterator[Declaration]:
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
        condition = self.node(resource.get("condition", True), place).value
        note = "" if condition is True else "conditional"
        yield Declared(f"{shown}{suffix}", node, place, known, note)
        for n, child in enumerate(_children(resource)):
            yield from self._resource("", child, _below(_below(place, "resources"), n), (f"{shown}{suffix}",))

    def _identity(self, written: Any) -> str:
        """How a managed identity is called, by its own name or that of its credential: ``identity/name``."""
        name = self.node(written, self._place).value
        return name.partition("/")[0] if isinstance(name, str) else ""

    def _is_wanted(self, resource: Mapping[str, Any]) -> bool:
        """Whether a resource is deployed as far as one can say."""
        return self.node(resource.get("condition", True), self._place).value is not False

    def _copies(self, resource: Mapping[str, Any]) -> list[Node | None]:
        """The indexes of a copy loop; nothing for a resource that is there once."""
        repeated = resource.get("copy")
        if not isinstance(repeated, dict):
            return [None]
        count = self.node(repeated.get("count"), self._place).value
        if not isinstance(count, int):
            return [Node(self.not_known("copyIndex()"), self._place)]
        if count > LONGEST_LIST:
            self._cut.append(str(repeated.get("name") or "a loop"))
        return [Node(n, self._place) for n in range(min(count, LONGEST_LIST))]

    def _nested(self, resource: Mapping[str, Any], place: Place) -> Iterator[Declaration]:
        properties = resource.get("properties")
        template = properties.get("template") if isinstance(properties, dict) else None
        if not isinstance(properties, dict) or not isinstance(template, dict):
            link = properties.get("templateLink") if isinstance(properties, dict) else None
            named = (
                [link[key] for key in ("relativePath", "uri", "id") if key in link] if isinstance(link, dict) else []
            )
            self._links[shorten(str(named[0] if named else resource.get("name") or "a deployment"))] = None
            return
        options = properties.get("expressionEvaluationOptions")
        is_inner = isinstance(options, dict) and str(options.get("scope")).casefold() == "inner"
        where = _below(_below(place, "properties"), "template")
        given: dict[str, Node] = {}
        parameters = properties.get("parameters")
        for name, one in parameters.items() if isinstance(parameters, dict) else ():
            if isinstance(one, dict) and "value" in one:
                parameter = _below(_below(_below(place, "properties"), "parameters"), name)
                given[name.casefold()] = self.node(one["value"], _below(parameter, "value"))
        if is_inner:
            yield from Template(template, where, given, self._cut, self._links).declared()
        else:  # its expressions are those of the template around it
            yield from self._all(template.get("resources"), _below(where, "resources"))


def _loops(value: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The loops inside an object: name of the property in small letters, and the loop."""
    repeated = value.get("copy")
    loops = repeated if isinstance(repeated, list) else ()
    return [
        (str(one["name"]).casefold(), one) for one in loops if isinstance(one, dict) and {"name", "input"} <= one.keys()
    ]


def _is_secure(declared: Any) -> bool:
    """Whether a parameter is declared as a secret."""
    return isinstance(declared, dict) and str(declared.get("type")).casefold() in ("securestring", "secureobject")


def _properties(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = resource.get("properties")
    return properties if isinstance(properties, dict) else resource


def _children(resource: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The resources inside of a resource."""
    children = resource.get("resources")
    return [child for child in children if isinstance(child, dict)] if isinstance(children, list) else []


def _pairs(resources: Any, place: Place) -> Iterator[tuple[str, Any, Place]]:
    if isinstance(resources, dict):
        yield from ((symbol, resource, _below(place, symbol)) for symbol, resource in resources.items())
    elif isinstance(resources, list):
        yield from (("", resource, _below(place, n)) for n, resource in enumerate(resources))


def _below(place: Place, key: str | int) -> Place:
    token = str(key).replace("~", "~0").replace("/", "~1")
    return Place(place.document, start=place.start, pointer=f"{place.pointer}/{token}")
