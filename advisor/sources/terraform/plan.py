"""Plans and states of Terraform and OpenTofu as JSON: ``terraform show -json``, and the state file itself.

A plan may be large, and a tenth of a thousandth of it be about applications: everything else is stepped over.

Source: HashiCorp, "JSON Output Format".
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from advisor.errors import InputError
from advisor.limits import too_deep
from advisor.secrets import Secrets, at_paths, marked, texts
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.excerpt import Excerpts
from advisor.sources.reading.node import Node, Place
from advisor.sources.reading.remedies import AFTER_DEPLOYMENT, without_application
from advisor.sources.reading.well_known import ids_by_value
from advisor.sources.terraform.application import add_applications
from advisor.sources.terraform.graph_body import of_graph
from advisor.sources.terraform.plan_config import Linked, Links, PlanConfiguration
from advisor.sources.terraform.published import CLIENT_IDS, PRINCIPAL
from advisor.sources.terraform.schema import APPLICATIONS, ARGUMENTS, GRAPH, LINKS, PIECES, TYPES
from advisor.sources.terraform.shape import Resource
from advisor.sources.terraform.siblings import Siblings
from advisor.sources.terraform.values import Reference
from reports.rows import Input
from rules.model.registration import Unread
from rules.primitives.texts import counted

_BYTE: Final = re.compile(r"\(byte (\d+)\)")
_NO_TEXT: Final = "not all of it is UTF-8"
_RAW: Final = msgspec.Raw(b"null")
_UNKNOWN: Final = Unread("unknown-until-apply", remedy=AFTER_DEPLOYMENT)
_SENSITIVE: Final = Unread(
    "placeholder", note="marked as sensitive", remedy="lint the tenant after the deployment: the plan hides the value"
)
#: What the provider makes up where it is not written, and then makes nothing.
_OPTIONAL: Final = frozenset(("password", "tags", "feature_tags", "start_date", "end_date"))
#: Every argument, a block before what is inside of it.
_EVERYTHING: Final = sorted(ARGUMENTS, key=lambda name: ARGUMENTS[name].pointer)
#: Resources whose argument ``value`` is a secret or a key.
_CREDENTIALS: Final = frozenset(
    f"azuread_{owner}_{kind}" for owner in ("application", "service_principal") for kind in ("password", "certificate")
)
#: The arguments that identify an API by its service principal.
_APIS: Final = ("resource_object_id", "resource_service_principal_object_id")
#: For each argument that is about an API, the one that identifies it.
_API_OF: Final = {**{name: name for name in _APIS}, "app_role_id": "resource_object_id"}
#: Actions after which the resource is not there, or not Terraform's any more.
_GONE: Final = frozenset((("delete",), ("forget",)))


class _Change(msgspec.Struct):
    actions: tuple[str, ...] = ()
    before: Any = None
    before_sensitive: Any = None
    after: Any = None
    after_unknown: Any = None
    after_sensitive: Any = None


class _ResourceChange(msgspec.Struct):
    change: msgspec.Raw
    address: str = ""
    module_address: str = ""
    mode: str = ""
    type: str = ""
    name: str = ""
    index: Any = None
    deposed: str | None = None


class _StateResource(msgspec.Struct):
    """A resource of ``terraform show -json``."""

    values: msgspec.Raw = _RAW
    sensitive_values: msgspec.Raw = _RAW
    address: str = ""
    mode: str = ""
    type: str = ""
    name: str = ""


class _StateModule(msgspec.Struct):
    resources: tuple[_StateResource, ...] = ()
    child_modules: tuple[_StateModule, ...] = ()


class _StateValues(msgspec.Struct):
    root_module: _StateModule = msgspec.field(default_factory=_StateModule)


class _Instance(msgspec.Struct):
    attributes: msgspec.Raw = _RAW
    sensitive_attributes: Any = None
    index_key: Any = None
    deposed: str | None = None


class _FileResource(msgspec.Struct):
    """A resource of a state file, version 4."""

    module: str = ""
    mode: str = ""
    type: str = ""
    name: str = ""
    instances: tuple[_Instance, ...] = ()


class _State(msgspec.Struct):
    values: _StateValues | None = None


class _Document(msgspec.Struct):
    resource_changes: tuple[_ResourceChange, ...] | None = None
    configuration: msgspec.Raw = _RAW
    values: _StateValues | None = None
    resources: tuple[_FileResource, ...] | None = None
    planned_values: msgspec.Raw = _RAW
    complete: bool = True
    errored: bool = False
    prior_state: msgspec.Raw = _RAW


_DECODER: Final = msgspec.json.Decoder(_Document)


def read_plan(builder: Builder, file: str, data: bytes) -> None:
    """Read a plan or state into *builder*, and note there which resources of a configuration a plan describes.

    Raises ``InputError`` when it is broken or names no application.
    """
    source = Excerpts(file, data)
    try:
        plan = _DECODER.decode(data)
        kind, resources = _what(plan, source, builder)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _broken(file, _said(error), *_position(data, error)) from None
    except RecursionError:
        raise too_deep(file) from None
    if plan.errored or not plan.complete:
        why = "planning failed" if plan.errored else "Terraform marks it as incomplete"
        builder.notes.append(f"{file} does not have all changes: {why}.")
    gone, parts = _removed(plan, source, APPLICATIONS), _removed(plan, source, PIECES)
    if not resources and not gone and not parts:
        raise without_application(kind, file)
    folder = posixpath.dirname(file.replace("\\", "/")) or "."
    count = add_applications(builder, resources, folder=posixpath.normpath(folder), format=kind)
    if not resources:
        what = counted(gone, "application") if gone else counted(parts, "resource of an application")
        builder.notes.append(f"{file} deletes or forgets {what} and changes no other registration.")
    note = f"leaves out {gone} that will be deleted" if gone else ""
    builder.inputs.append(Input(name=file, format=kind, status="read", registrations=count, note=note))
    if plan.resource_changes is not None:
        before = Builder()
        add_applications(before, _before(plan, source, builder), folder=posixpath.normpath(folder), format=kind)
        builder.add_before(before)
        builder.planned.update(f"{posixpath.normpath(folder)}/{resource.address}" for resource in resources)


def _first(text: str) -> str:
    """The first line of an error, and its words without a capital, unless it begins with an abbreviation."""
    line = text.partition("\n")[0].removesuffix(".")
    return line if line[1:2].isupper() else line[:1].lower() + line[1:]


def _broken(file: str, error: str, line: int, column: int) -> InputError:
    if "trailing characters" in error:
        what, hint = "has text after the end of its plan or state", "write each plan or state to its own file"
    else:
        what, hint = (
            f"is not a Terraform plan or state: {_first(error)}",
            "write the file again with terraform show -json",
        )
    return InputError(what, file=file, line=line, column=column, hint=hint)


def _said(error: Exception) -> str:
    return _NO_TEXT if "utf-8" in str(error).lower() else str(error)


def _first_invalid(data: bytes) -> int:
    """The offset of the first byte that is not UTF-8."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start
    return 0


def _position(data: bytes, error: Exception) -> tuple[int, int]:
    """Line and column of a mistake, by the byte that the error names; the end for a text that breaks off."""
    match = _BYTE.search(str(error))
    at = int(match[1]) if match else len(data) if "truncated" in str(error) else 0
    if _said(error) == _NO_TEXT:  # the error counts from the beginning of a piece, or does not count
        at = _first_invalid(data)
    before = data[:at]
    return before.count(b"\n") + 1, at - before.rfind(b"\n")


def _decoded(raw: msgspec.Raw, source: Excerpts, type: Any = Any) -> Any:
    """A part that is about an application. Raises ``InputError`` with its place where it is broken."""
    try:
        return msgspec.json.decode(raw, type=type)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        place = source.place(bytes(raw))
        raise _broken(source.file, _said(error), *place.document.places.position(place.start)) from None


def _what(plan: _Document, source: Excerpts, builder: Builder) -> tuple[str, tuple[Resource, ...]]:
    if plan.resource_changes is not None or plan.planned_values != _RAW:
        return "Terraform plan", tuple(_planned(plan, source, builder))
    if plan.values is not None:
        return "Terraform state", tuple(_with_owners(list(_shown(plan.values.root_module, source, builder.secrets))))
    return "Terraform state", tuple(_with_owners(list(_stored(plan.resources or (), source, builder.secrets))))


def _is_read(type: str, mode: str) -> bool:
    """Whether a resource is of use: an application, a piece of one, or a service principal that leads to one."""
    return type == PRINCIPAL or (mode == "managed" and (type in TYPES or type in GRAPH))


def _before(plan: _Document, source: Excerpts, builder: Builder) -> list[Resource]:
    """The resources of a plan as they are before it."""
    found = []
    source.begin(b'"resource_changes"')
    for one in plan.resource_changes or ():
        if _is_read(one.type, one.mode) and one.deposed is None:
            change: _Change = _decoded(one.change, source, _Change)
            if isinstance(change.before, dict):
                place = source.place(bytes(one.change), "/before")
                builder.secrets.add_all(
                    (*_generated(one.type, change.before), *marked(change.before, change.before_sensitive))
                )
                body = _merged(change.before, None, change.before_sensitive, place).value
                resource = Resource(address=one.address, type=one.type, body=body, place=place, is_new=False)
                known = of_graph(resource, "") if one.type in GRAPH else resource
                found += [known] if known is not None else []
    return list(_with_owners(found))


def _planned(plan: _Document, source: Excerpts, builder: Builder) -> Iterator[Resource]:
    found: list[tuple[_ResourceChange, _Change, Place]] = []
    source.begin(b'"resource_changes"')
    for one in plan.resource_changes or ():
        if _is_read(one.type, one.mode) and one.deposed is None:
            change: _Change = _decoded(one.change, source, _Change)
            if change.actions not in _GONE and isinstance(change.after, dict):
                found.append((one, change, source.place(bytes(one.change), "/after")))
    configuration = PlanConfiguration()
    if plan.configuration != _RAW:
        configuration = _decoded(plan.configuration, source, PlanConfiguration)
    applications = [
        Linked(one.address, one.module_address, one.type, one.name, _index(one.index))
        for one, _, _ in found
        if one.type in APPLICATIONS or one.type in GRAPH
    ]
    links = Links(configuration, applications)
    siblings = Siblings(source.file, configuration, builder)
    resources = []
    for one, change, place in found:
        builder.secrets.add_all((*_generated(one.type, change.after), *marked(change.after, change.after_sensitive)))
        node = _merged(change.after, change.after_unknown, change.after_sensitive, place)
        written = links.written(one.type, one.name, one.module_address)
        members = node.value if isinstance(node.value, dict) else dict.fromkeys(_EVERYTHING, node)
        body = {name: value for name, value in members.items() if not _is_left_out(name, value, written)}
        resource = Resource(
            address=one.address,
            type=one.type,
            body={**body, **dict(_linked(links, one, body))},
            place=place,
            belongs_to=links.find(one.type, one.name, one.module_address, _index(one.index)),
            is_new="create" in change.actions,
            note=_action(change.actions),
        )
        known = of_graph(resource, "") if one.type in GRAPH else resource
        if known is not None:
            resources.append(siblings.placed(known, one.module_address, one.name))
    if plan.prior_state != _RAW:
        state: _State = _decoded(plan.prior_state, source, _State)
        module = state.values.root_module if state.values else _StateModule()
        resources += (one for one in _shown(module, source, builder.secrets) if one.type == PRINCIPAL)
    return _with_owners(resources)


def _linked(links: Links, one: _ResourceChange, body: Mapping[str, Node]) -> Iterator[tuple[str, Node]]:
    """Arguments that are not known yet, of which the configuration says to which API they refer."""
    for argument in (*_APIS, "app_role_id"):
        node = body.get(argument)
        client = (
            links.client(one.type, one.name, one.module_address, _API_OF[argument]) if node and not node.known else ""
        )
        if node is None or not client:
            continue
        if argument in _APIS:
            yield argument, Node(Reference("unknown-until-apply", client=client, is_principal=True), node.place)
            continue
        ids = ids_by_value(client, "Role", node.place)
        name = links.role(one.type, one.name, one.module_address)
        found = ids.value.get(name) if ids is not None else None
        if found is not None:
            yield argument, found


def _is_left_out(name: str, value: Node, written: frozenset[str] | None) -> bool:
    """Whether a value that is not known yet is one that was not requested: the provider then sends none."""
    return value.value is _UNKNOWN and name in _OPTIONAL and written is not None and name not in written


def _index(value: Any) -> str:
    if value is None:
        return ""
    return f"[{value}]" if isinstance(value, int) else f'["{value}"]'


def _action(actions: Sequence[str]) -> str:
    """What the plan does with a resource, in one word."""
    if "create" in actions and "delete" in actions:
        return "replace"
    return actions[0] if actions and actions[0] != "no-op" else "no change"


def _merged(after: Any, unknown: Any, sensitive: Any, place: Place) -> Node:
    """A value after the change, with what is not known yet and what must not be shown in its place."""
    if unknown is True:
        return Node(_UNKNOWN, place)
    if sensitive is True and after is not None and not _may_be_shown(place.pointer):
        return Node(_SENSITIVE, place)

    def inner(key: str | int, value: Any) -> Node:
        token = str(key).replace("~", "~0").replace("/", "~1")
        here = msgspec.structs.replace(place, pointer=f"{place.pointer}/{token}")
        return _merged(value, _at(unknown, key), _at(sensitive, key), here)

    if isinstance(after, dict) or (after is None and isinstance(unknown, dict) and unknown):
        members = after if isinstance(after, dict) else {}
        hidden = {key: None for key, value in unknown.items() if value} if isinstance(unknown, dict) else {}
        return Node({key: inner(key, members.get(key)) for key in {**members, **hidden}}, place)
    if isinstance(after, list) or (after is None and isinstance(unknown, list) and any(unknown)):
        elements = after if isinstance(after, list) else []
        longer = max(len(elements), len(unknown)) if isinstance(unknown, list) else len(elements)
        padded = [*elements, *[None] * (longer - len(elements))]
        return Node([inner(n, element) for n, element in enumerate(padded)], place)
    return Node(after, place)


def _may_be_shown(pointer: str) -> bool:
    """The value of a secret is never shown, only that it is there."""
    return pointer.endswith("/value")


def _generated(type: str, values: Mapping[str, Any]) -> Iterator[str]:
    """The secrets of a credential, which its schema calls ``value``: as a resource of its own, or in an application."""
    if type in _CREDENTIALS:
        yield from texts(values.get("value"))
    for credential in values.get("password") or () if isinstance(values.get("password"), list) else ():
        yield from texts(credential.get("value") if isinstance(credential, dict) else None)


def _at(mask: Any, key: str | int) -> Any:
    if mask is True:
        return True
    if isinstance(mask, dict):
        return mask.get(key)
    return mask[key] if isinstance(mask, list) and isinstance(key, int) and key < len(mask) else None


def _shown(module: _StateModule, source: Excerpts, secrets: Secrets) -> Iterator[Resource]:
    for one in module.resources:
        if _is_read(one.type, one.mode):
            secrets.add_all(marked(_decoded(one.values, source), _decoded(one.sensitive_values, source)))
            yield from _stated(one.address, one.type, one.values, source, secrets)
    for child in module.child_modules:
        yield from _shown(child, source, secrets)


def _stored(resources: Iterable[_FileResource], source: Excerpts, secrets: Secrets) -> Iterator[Resource]:
    for one in resources:
        if _is_read(one.type, one.mode):
            prefix = f"{one.module}." if one.module else ""
            for instance in one.instances:
                if instance.deposed is None:
                    address = f"{prefix}{one.type}.{one.name}{_index(instance.index_key)}"
                    secrets.add_all(at_paths(_decoded(instance.attributes, source), instance.sensitive_attributes))
                    yield from _stated(address, one.type, instance.attributes, source, secrets)


def _stated(address: str, type: str, raw: msgspec.Raw, source: Excerpts, secrets: Secrets) -> Iterator[Resource]:
    values = _decoded(raw, source)
    if isinstance(values, dict):
        secrets.add_all(_generated(type, values))
        place = source.place(bytes(raw))
        node = _merged(values, None, None, place)
        resource = Resource(address=address, type=type, body=node.value, place=place, is_new=False)
        known = of_graph(resource, "") if type in GRAPH else resource
        if known is not None:
            yield known


def _with_owners(resources: list[Resource]) -> Iterator[Resource]:
    """Pieces with the application that they name by its ID, or by that of its service principal, where it is known.

    Service principals are left out: they only lead from one to the other.
    """
    by_id: dict[str, str] = {}
    clients = {_text(one.body, "object_id"): _text(one.body, *CLIENT_IDS) for one in resources if one.type == PRINCIPAL}
    addresses = {_text(one.body, *CLIENT_IDS): one.address for one in resources if one.type in APPLICATIONS}
    by_id.update((id_, addresses.get(client, f"application {client}")) for id_, client in clients.items() if id_)
    for resource in resources:
        if resource.type in APPLICATIONS:
            for name in ("object_id", "id"):
                value = resource.body[name].value if name in resource.body else None
                if isinstance(value, str):
                    by_id[value.rpartition("/")[2]] = resource.address
    for resource in resources:
        if resource.type == PRINCIPAL:
            continue
        apis = {
            name: Node(Reference("unknown-until-apply", client=clients[value], is_principal=True), resource.place)
            for name in _APIS
            if (value := _text(resource.body, name)) and clients.get(value)
        }
        resource = msgspec.structs.replace(resource, body={**resource.body, **apis})  # noqa: PLW2901
        link = next((resource.body[name].value for name in LINKS if name in resource.body), None)
        if resource.type in APPLICATIONS or resource.belongs_to or not isinstance(link, str):
            yield resource
            continue
        owner = by_id.get(link.rpartition("/")[2], f"application {link}")
        yield msgspec.structs.replace(resource, belongs_to=(owner,))


def _text(body: Mapping[str, Node], *names: str) -> str:
    """The text of the first of some arguments that has one."""
    values = (body[name].value for name in names if name in body)
    return next((value for value in values if isinstance(value, str) and value), "")


def _removed(plan: _Document, source: Excerpts, types: Collection[str]) -> int:
    """How many resources of some types the plan deletes."""
    return sum(
        _decoded(one.change, source, _Change).actions in _GONE
        for one in plan.resource_changes or ()
        if one.type in types and one.mode == "managed"
    )
