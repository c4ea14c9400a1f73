"""Parameter files of deployments: which belong to a Bicep file or an ARM template, and what they give.

A default of a parameter is in effect only where the parameter file does not replace it. So it is known only once that
file was read.

Sources: Microsoft, "Create parameters files for Bicep deployment", its page ``bicep-extend`` on ``extends``, "Create
Resource Manager parameter file"; Azure Developer CLI, "Environment variables substitution in parameter files".
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import msgspec

from advisor.errors import InputError
from advisor.placeholder import is_placeholder
from advisor.secrets import names_secret, texts
from advisor.sources.code.bicep.parse import Parser
from advisor.sources.code.expressions import Memo, evaluate
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.guard import file_led_to, guarded
from advisor.sources.reading.json_text import JsonText
from advisor.sources.reading.node import Node, from_json, plain
from advisor.sources.reading.remedies import AFTER_DEPLOYMENT
from advisor.sources.reading.text import decode
from rules.model.registration import Unread

REMEDY: Final = "lint it with the parameter file that is deployed"
_SECRET: Final = Unread("placeholder", note="a secret of Key Vault", remedy=AFTER_DEPLOYMENT)
_IS_BICEP: Final = ".bicepparam"
#: At most this many parameter files may extend each other.
_DEEPEST: Final = 8
_USING: Final = re.compile(rb"^[ \t]*using[ \t]+'([^'\n]+)'", re.MULTILINE)
#: Only a file with these bytes can be a parameter file in JSON.
_WORD: Final = re.compile(rb'"parameters"\s*:', re.IGNORECASE)


#: The parameter files among the files that the user named, by run.
_NAMED: Final[WeakKeyDictionary[Builder, list[str]]] = WeakKeyDictionary()


class Parameters(msgspec.Struct, frozen=True):
    """What a parameter file gives: values by names in lower case, and the template that it is *of* if it says so.

    Where it *is_open*, another file may give more.
    """

    file: str
    values: Mapping[str, Node]
    of: str = ""
    is_open: bool = False


def undecided(name: str) -> Unread:
    """Why the value of a parameter is not known, whatever its default is."""
    return Unread("placeholder", note=f"parameter {name}", remedy=REMEDY)


def is_parameter_file(value: Any) -> bool:
    """Whether a JSON value is a parameter file."""
    if not isinstance(value, dict) or not isinstance(value.get("parameters"), dict) or "resources" in value:
        return False
    return "deploymentparameters.json" in str(value.get("$schema") or "").casefold() or all(
        isinstance(one, dict) and ("value" in one or "reference" in one) for one in value["parameters"].values()
    )


def parameters_of(
    builder: Builder, template: str, declared: Collection[str], more: Iterable[str] = ()
) -> list[Parameters]:
    """The parameter files of a *template* with the parameters *declared*: those that the user named, else *more* and
    those in its folder that are named after it.

    A file that is not named after a template belongs to the one that the user named it with.
    """
    files = _named_files(builder)
    named = [one for file in files for one in _read(builder, file, template)]
    fitting = [one for one in named if one.of == _path(template) or is_named_after(one.file, template)]
    if not fitting and {_normal(file) for file in builder.named if file not in files} == {_normal(template)}:
        fitting = [one for one in named if not one.of and _fits(one, declared)]
    if fitting:
        return fitting
    names = dict.fromkeys([*more, *_in_folder_of(builder, template)])
    return [one for file in names for one in _read(builder, file, template) if not one.of or one.of == _path(template)]


def learn_secure(builder: Builder, values: Mapping[str, Node], secure: Iterable[str]) -> None:
    """Keep as secrets what is given for parameters that are declared as *secure*."""
    for name in secure:
        node = values.get(name.casefold())
        if node is not None:
            builder.secrets.add_all(texts(plain(node)))


def _named_files(builder: Builder) -> list[str]:
    """The parameter files that the user named. A file that cannot be read is reported by its own reader."""
    if builder not in _NAMED:
        _NAMED[builder] = [file for file in builder.named if _is_one(builder, file)]
    return _NAMED[builder]


def _is_one(builder: Builder, file: str) -> bool:
    if file.endswith(_IS_BICEP):
        return True
    if not file.lower().endswith(".json"):
        return False
    try:
        data = file_led_to(builder, file).load()
        return _WORD.search(data) is not None and is_parameter_file(JsonText(file, data).value)
    except (InputError, RecursionError):
        return False


def _fits(parameters: Parameters, declared: Collection[str]) -> bool:
    """Whether a template declares all that a file gives; otherwise the platform refuses the file."""
    return parameters.values.keys() <= {name.casefold() for name in declared}


def _normal(file: str) -> str:
    return posixpath.normpath(file.replace("\\", "/"))


def _path(template: str) -> str:
    """How a template is compared with another: without the extension, since one compiles to the other."""
    return posixpath.splitext(_normal(template))[0]


def is_named_after(file: str, template: str) -> bool:
    """Whether a parameter file has the name that belongs to a template: ``main.dev.parameters.json``."""
    folder, name = posixpath.split(_normal(file))
    where, stem = posixpath.split(_path(template))
    if folder != where or not name.endswith(".json"):
        return False
    pattern = rf"{re.escape(stem)}(?:\.[\w-]+)*\.parameters(?:[.-][\w.-]+)?\.json"
    return re.fullmatch(pattern, name, re.IGNORECASE) is not None or (stem == "template" and name == "parameters.json")


def _in_folder_of(builder: Builder, template: str) -> Iterator[str]:
    """The parameter files in the folder of a template."""
    folder = os.path.dirname(template)  # noqa: PTH120 - names stay as the user wrote them
    place = Path(folder or ".")
    if not place.is_dir() or not builder.boundary.admits(str(place)):
        return
    for path in sorted(place.iterdir()):
        name = os.path.join(folder, path.name)  # noqa: PTH118 - as above
        if path.is_file() and (path.suffix == _IS_BICEP or is_named_after(name, template)):
            yield name


def _read(builder: Builder, file: str, template: str) -> Iterator[Parameters]:
    """A parameter file; nothing for a file of another kind, or one that cannot be read."""
    if file == template or not file.lower().endswith((".json", _IS_BICEP)):
        return
    with guarded(builder, file):
        data = file_led_to(builder, file).load()
        if file.endswith(_IS_BICEP):
            of = _template_of(file, data)
            yield _of_bicep(builder, file, data, of) if of == _path(template) else Parameters(file, {}, of)
        elif _WORD.search(data):
            found = _of_json(builder, file, data)
            if found is not None:
                yield found


def _of_json(builder: Builder, file: str, data: bytes) -> Parameters | None:
    text = JsonText(file, data)
    if not is_parameter_file(text.value):
        return None
    builder.secrets.learn(text.shown)
    root = from_json(text.value, text.document, text.start)
    values = {}
    for name, one in root.value["parameters"].value.items():
        if isinstance(one.value, dict):
            given = one.value.get("value")
            if given is not None and names_secret(name):
                builder.secrets.add_all(texts(plain(given)))
            values[name.casefold()] = _filled(given) if given is not None else Node(_SECRET, one.place)
    return Parameters(file, values)


def _filled(node: Node) -> Node:
    """A value of a parameter file, in which a text with a placeholder such as ``${AZURE_ENV_NAME}`` is not known."""
    if isinstance(node.value, dict):
        return Node({key: _filled(member) for key, member in node.value.items()}, node.place)
    if isinstance(node.value, list):
        return Node([_filled(element) for element in node.value], node.place)
    if isinstance(node.value, str) and is_placeholder(node.value):
        return Node(Unread("placeholder", note=node.value, remedy="fill the placeholder"), node.place)
    return node


def _template_of(file: str, data: bytes) -> str:
    """The template that a parameter file of Bicep names, as ``_path`` gives it."""
    using = _USING.search(data.replace(b"\0", b""))
    path = using[1].decode("utf-8", "replace") if using else ""
    return _path(posixpath.join(posixpath.dirname(file.replace("\\", "/")), path)) if path else "none"


def _of_bicep(builder: Builder, file: str, data: bytes, of: str, depth: int = 0) -> Parameters:
    text = decode(data, file).replace("\ufeff", "")
    builder.secrets.learn(text)
    parser = Parser(Document(file, text, text))
    statements = parser.statements()
    scope = _FileScope({one.name: one for one in statements if one.kind in ("param", "var")})
    values = {
        one.name.casefold(): evaluate(one.value, scope)
        for one in statements
        if one.kind == "param" and one.value is not None
    }
    if not parser.extends:
        return Parameters(file, values, of)
    base = _base(builder, posixpath.join(posixpath.dirname(file.replace("\\", "/")), parser.extends), of, depth)
    return Parameters(file, {**base.values, **values} if base else values, of, is_open=base is None or base.is_open)


def _base(builder: Builder, file: str, of: str, depth: int) -> Parameters | None:
    """The parameter file that another one extends; nothing for one that cannot be read."""
    try:
        return _of_bicep(builder, file, file_led_to(builder, file).load(), of, depth + 1) if depth < _DEEPEST else None
    except InputError:
        return None


class _FileScope:
    """The scope of a ``.bicepparam`` file, which has variables and other parameters."""

    def __init__(self, statements: Mapping[str, Any], names: Mapping[str, Node] | None = None) -> None:
        self._statements = statements
        self._names = dict(names or {})
        self._memo: Memo[Node] = Memo()

    def within(self, names: Mapping[str, Node]) -> _FileScope:
        """The same with more names."""
        return _FileScope(self._statements, {**self._names, **names})

    def not_known(self, words: str) -> Unread:
        """Why the value of these words is not known: for example, an environment variable decides it."""
        return Unread("placeholder", note=words, remedy="write the value, or lint the tenant after the deployment")

    def find(self, name: str) -> Node | None:
        """A variable or another parameter; see ``Scope``."""
        if name in self._names:
            return self._names[name]
        statement = self._statements.get(name)
        if statement is None or statement.value is None:
            return None
        return self._memo.find(name, lambda: evaluate(statement.value, _FileScope(self._statements)))

    def call(self, _: str, __: Sequence[Node]) -> Node | None:
        """A parameter file declares no functions."""
        return None
