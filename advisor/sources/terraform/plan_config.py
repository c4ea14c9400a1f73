"""The configuration inside a plan: which application a piece belongs to, by what its argument refers to.

Source: HashiCorp, "JSON Output Format", configuration representation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from advisor.sources.terraform.published import CLIENT_IDS, PRINCIPAL, published_apis
from advisor.sources.terraform.schema import APPLICATIONS, GRAPH, LINKS

_CALL: Final = re.compile(r'module\.([\w-]+)(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?')
_INDEX: Final = re.compile(r'\[(?:"((?:[^"\\]|\\.)*)"|(\d+))\]')
_PUBLISHED: Final = re.compile(r'data\.azuread_application_published_app_ids\.[\w-]+\.result(?:\.|\[")(\w+)')
_ROLE: Final = re.compile(r'\.app_role_ids\["([^"]+)"\]')
_DEEPEST: Final = 16


class Expression(msgspec.Struct):
    """Of an argument only what it refers to."""

    references: tuple[str, ...] = ()


class _ConfiguredResource(msgspec.Struct):
    type: str = ""
    name: str = ""
    mode: str = "managed"
    expressions: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"{}"))
    for_each_expression: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"{}"))


class _Output(msgspec.Struct):
    expression: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"{}"))


class _Call(msgspec.Struct):
    source: str = ""
    expressions: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"{}"))
    module: _Module | None = None


class _Module(msgspec.Struct):
    resources: tuple[_ConfiguredResource, ...] = ()
    module_calls: dict[str, _Call] = {}
    outputs: dict[str, _Output] = {}


class PlanConfiguration(msgspec.Struct):
    """The part ``configuration`` of a plan."""

    root_module: _Module = msgspec.field(default_factory=_Module)

    def module(self, path: Sequence[str]) -> _Module | None:
        """The module at a path of calls."""
        here: _Module | None = self.root_module
        for name in path:
            call = here.module_calls.get(name) if here else None
            here = call.module if call else None
        return here

    def sources(self, path: Sequence[str]) -> list[str]:
        """Where the modules on a path of calls come from."""
        here: _Module | None = self.root_module
        found = []
        for name in path:
            call = here.module_calls.get(name) if here else None
            found.append(call.source if call else "")
            here = call.module if call else None
        return found


class Linked(msgspec.Struct, frozen=True):
    """An application in a plan, by which pieces find it: address, module, type, name and index."""

    address: str
    module: str
    type: str
    name: str
    index: str


def module_path(address: str) -> tuple[str, ...]:
    """The calls that lead to a module: ``module.a[0].module.b`` is ``a``, ``b``."""
    return tuple(_CALL.findall(address))


class Links:
    """Finds the application of a piece."""

    def __init__(self, configuration: PlanConfiguration, applications: Iterable[Linked]) -> None:
        self._configuration = configuration
        self._applications: dict[tuple[str, str, str], list[Linked]] = {}
        for one in applications:
            key = (_bare(one.module), one.type, one.name)
            self._applications.setdefault(key, []).append(one)

    def written(self, type: str, name: str, module: str) -> frozenset[str] | None:
        """The arguments that the configuration writes for a resource; nothing when the plan does not hold it."""
        resource = self._configured(type, name, module)
        return frozenset(_expressions(resource.expressions)) if resource else None

    def find(self, type: str, name: str, module: str, index: str) -> tuple[str, ...]:
        """The addresses of the applications to which the piece belongs; several when it is not known which one."""
        resource = self._configured(type, name, module)
        arguments = _expressions(resource.expressions) if resource else {}
        for link in LINKS:
            references = list(_references(arguments.get(link)))
            if resource and any(reference.startswith("each.") for reference in references):
                over = list(_references(_decoded(resource.for_each_expression)))
                attributes = [one.removeprefix("each.value") for one in references if one.startswith("each.value.")]
                references += [f"{one}{index}{attribute}" for one in over for attribute in attributes]
                references += over
            found = self._resolve(references, module, index, 0)
            if found:
                return found
        return ()

    def _configured(self, type: str, name: str, module: str, mode: str = "managed") -> _ConfiguredResource | None:
        here = self._configuration.module(module_path(module))
        wanted = (type, name, mode)
        return next((one for one in here.resources if (one.type, one.name, one.mode) == wanted), None) if here else None

    def _resolve(self, references: Iterable[str], module: str, index: str, depth: int) -> tuple[str, ...]:
        for reference in references if depth < _DEEPEST else ():
            first, _, rest = reference.partition(".")
            if first in APPLICATIONS or first in GRAPH:
                found = self._chosen(first, rest, module, index)
            elif first == PRINCIPAL:
                found = self._principal(rest, module, index, depth)
            elif first == "var":
                found = self._given(rest.partition(".")[0], module, index, depth)
            elif first == "module":
                found = self._output(reference, module, index, depth)
            else:
                found = ()
            if found:
                return found
        return ()

    def _principal(self, rest: str, module: str, index: str, depth: int) -> tuple[str, ...]:
        """The application of a service principal, by its client ID."""
        resource = self._configured(PRINCIPAL, re.split(r"[.\[]", rest, maxsplit=1)[0], module)
        arguments = _expressions(resource.expressions) if resource else {}
        references = [one for name in CLIENT_IDS for one in _references(arguments.get(name))]
        return self._resolve(references, module, index, depth + 1)

    def client(self, type: str, name: str, module: str, argument: str) -> str:
        """The client ID of the API that an argument identifies, as the configuration writes it, or nothing."""
        resource = self._configured(type, name, module)
        arguments = _expressions(resource.expressions) if resource else {}
        for reference in _references(arguments.get(argument)):
            mode, principal = (
                ("data", reference.removeprefix("data.")) if reference.startswith("data.") else ("managed", reference)
            )
            kind, _, rest = principal.partition(".")
            found = self._configured(kind, re.split(r"[.\[]", rest, maxsplit=1)[0], module, mode)
            written = _expressions(found.expressions) if found and kind == PRINCIPAL else {}
            for one in (written.get(name) for name in CLIENT_IDS):
                if isinstance(one, dict) and isinstance(one.get("constant_value"), str):
                    return str(one["constant_value"])
                for inner in _references(one):
                    match = _PUBLISHED.match(inner)
                    if match:
                        return next((api.app_id for api in published_apis() if api.name == match[1]), "")
        return ""

    def role(self, type: str, name: str, module: str) -> str:
        """The value of the app role that an assignment refers to, as in ``app_role_ids["Mail.Read"]``, or nothing."""
        resource = self._configured(type, name, module)
        arguments = _expressions(resource.expressions) if resource else {}
        matches = (_ROLE.search(one) for one in _references(arguments.get("app_role_id")))
        return next((match[1] for match in matches if match), "")

    def _chosen(self, type: str, rest: str, module: str, index: str) -> tuple[str, ...]:
        name = re.split(r"[.\[]", rest, maxsplit=1)[0]
        candidates = self._applications.get((_bare(module), type, name), [])
        candidates = [one for one in candidates if one.module == module] or candidates
        said = _INDEX.match(rest[len(name) :])
        wanted = said[0] if said else index
        exact = [one for one in candidates if one.index == wanted]
        return tuple(one.address for one in exact or candidates)

    def _given(self, name: str, module: str, index: str, depth: int) -> tuple[str, ...]:
        """What was given for a variable where the module is called."""
        path = module_path(module)
        parent = self._configuration.module(path[:-1]) if path else None
        call = parent.module_calls.get(path[-1]) if parent else None
        if call is None:
            return ()
        references = _references(_expressions(call.expressions).get(name))
        calls = list(_CALL.finditer(module))
        outer = module[: calls[-1].start()].rstrip(".")
        # An instance of the module may be meant for the application of the same index.
        own = _INDEX.search(calls[-1][0])
        return self._resolve(references, outer, own[0] if own else index, depth + 1)

    def _output(self, reference: str, module: str, index: str, depth: int) -> tuple[str, ...]:
        call = _CALL.match(reference)
        if call is None:
            return ()
        output = reference[call.end() :].lstrip(".").partition(".")[0]
        inner = f"{module}.{call[0]}" if module else call[0]
        here = self._configuration.module(module_path(inner))
        if here is None or output not in here.outputs:
            return ()
        references = _references(_decoded(here.outputs[output].expression))
        return self._resolve(references, inner, index, depth + 1)


def _bare(module: str) -> str:
    return ".".join(module_path(module))


def _expressions(raw: msgspec.Raw) -> Mapping[str, Any]:
    value = _decoded(raw)
    return value if isinstance(value, dict) else {}


def _decoded(raw: msgspec.Raw) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _references(expression: Any) -> Iterator[str]:
    if isinstance(expression, dict):
        references = expression.get("references")
        yield from (one for one in references if isinstance(one, str)) if isinstance(references, list) else ()
