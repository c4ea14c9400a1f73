"""Registrations in one JSON text: manifests in both formats, Graph responses, what ``az ad app`` prints, JSON lines.

A strict Graph response goes the quick way: one decode into registrations. Everything else goes the patient way, which
survives comments, placeholders, other spellings and values of the wrong type, and says what it could not read.
Documents of another kind, such as plans and templates, are left to the reader of that kind.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from advisor.errors import InputError, NotReadError
from advisor.placeholder import may_hold_placeholders
from advisor.sources.manifest.recognize import (
    EMPTY,
    Found,
    cast_of,
    find_applications,
    graph_error,
    parts_of_batch,
    what_else,
)
from advisor.sources.reading.builder import Builder, Document, Reading
from advisor.sources.reading.graph_json import CUT_REMEDY, TypeMismatch, decode_application
from advisor.sources.reading.json_text import JsonText
from advisor.sources.reading.legacy import OLD_MANIFEST, Translated, source_pointer, translate
from advisor.sources.reading.remedies import fix_the_value
from advisor.sources.reading.source import File, JsonSource
from advisor.sources.reading.text import decode
from reports.rows import Input, Problem
from rules.model.registration import Registration, mark_unread
from rules.primitives.texts import counted

_RESPONSE: Final = "Microsoft Graph response"
_LIST: Final = "list of applications"
_LINES: Final = "JSON lines"
_MANIFESTS: Final = {
    "graph": "manifest, Microsoft Graph format",
    "azure-ad-graph": OLD_MANIFEST,
}
_MORE: Final = (
    "the response ends with a link to the next page",
    "fetch all pages, or lint the output of az ad app list --all",
)


#: At most this many parts of a batch without a registration are described.
_NAMED_PARTS: Final = 3


class _Page(msgspec.Struct):
    """A page of Graph, its elements undecided: ``@odata.nextLink`` says that there are more."""

    value: tuple[_Application, ...] | UnsetType = UNSET
    next_link: str | UnsetType | None = msgspec.field(default=UNSET, name="@odata.nextLink")
    sign_in_audience: msgspec.Raw | UnsetType = msgspec.field(default=UNSET, name="signInAudience")
    context: str | UnsetType | None = msgspec.field(default=UNSET, name="@odata.context")


class _Application(Registration, frozen=True):
    """A registration, with the properties that tell another vocabulary or another kind of object."""

    service_principal_type: msgspec.Raw | UnsetType = UNSET
    app_owner_organization_id: msgspec.Raw | UnsetType = UNSET
    reply_urls: msgspec.Raw | UnsetType = UNSET
    reply_urls_with_type: msgspec.Raw | UnsetType = UNSET
    oauth2_allow_implicit_flow: msgspec.Raw | UnsetType = msgspec.field(default=UNSET, name="oauth2AllowImplicitFlow")
    oauth2_permissions: msgspec.Raw | UnsetType = msgspec.field(default=UNSET, name="oauth2Permissions")
    allow_public_client: msgspec.Raw | UnsetType = UNSET
    object_id: msgspec.Raw | UnsetType = UNSET


_FOREIGN: Final = (
    "odata_type", "service_principal_type", "app_owner_organization_id", "reply_urls", "reply_urls_with_type",
    "oauth2_allow_implicit_flow", "oauth2_permissions", "allow_public_client", "object_id",
)  # fmt: skip
_PAGE: Final = msgspec.json.Decoder(_Page)
_ARRAY: Final = msgspec.json.Decoder(tuple[_Application, ...])


def read_json(builder: Builder, file: File, kinds: Sequence[JsonSource] = ()) -> None:
    """Read a JSON text into *builder*: what it holds of one of the *kinds*, else its registrations.

    Adds an input row, and a problem for each value that is wrong. Placeholders are filled from the environment of the
    file. Raises ``InputError`` when there is no registration in it: not text, not JSON, or something else.
    """
    data = file.data.removeprefix(codecs.BOM_UTF8)
    if not data or data.isspace():
        raise InputError("is empty", file=file.name, hint="export the registration again")
    if data.startswith(b"PK\3\4") and b"tfplan" in data:
        raise InputError("is a binary plan", file=file.name, hint="lint the output of terraform show -json")
    if _read_quickly(builder, file.name, data):
        return
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        data = decode(data, file.name).encode("utf-8", "surrogatepass")
    text = JsonText(file.name, data, file.environment)
    # Documents that are known by their text come first, without parsing: they may be large, and find their own secrets.
    is_object = text.data.lstrip()[:1] == b"{"
    by_keys = (kind for kind in kinds if kind.keys and is_object and re.search(kind.keys, text.data))
    if (kind := next(by_keys, None)) is not None:
        kind.read(builder, text)
        return
    builder.secrets.learn(text.shown)
    by_value = (kind for kind in kinds if kind.matches and len(text.values) == 1 and kind.matches(text.value))
    found = next(by_value, None)
    (found.read if found else _read_patiently)(builder, text)


def _read_quickly(builder: Builder, file: str, data: bytes) -> bool:
    """Read a strict response or list of Microsoft Graph. False, with nothing done, when it is anything else."""
    first = data.lstrip()[:1]
    if first not in b"[{" or may_hold_placeholders(data):
        return False
    try:
        page = _PAGE.decode(data) if first == b"{" else _Page(value=_ARRAY.decode(data))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    if (
        isinstance(page.value, UnsetType)
        or not page.value
        or page.sign_in_audience is not UNSET
        or cast_of(page.context)
    ):
        return False
    completeness = [_completeness(app) for app in page.value]
    if None in completeness:
        return False
    try:
        document = Document(file, data.decode())
    except UnicodeDecodeError:
        return False
    builder.secrets.learn(document.text)
    prefix, kind = ("/value", _RESPONSE) if first == b"{" else ("", _LIST)
    for index, (app, complete) in enumerate(zip(page.value, completeness, strict=True)):
        builder.add(app, document, pointer=f"{prefix}/{index}", format=kind, complete=complete is True)
    _add_input(builder, file, kind, len(page.value), more=bool(page.next_link))
    return True


def _completeness(app: _Application) -> bool | None:
    """Whether an application has everything (true) or is a selection (false); ``None`` when it wants the patient
    way.
    """
    if app.owners is None or app.federated_identity_credentials is None:
        return None
    for name in _FOREIGN:
        if getattr(app, name) is not UNSET:
            return None
    parts = (
        app.web,
        app.public_client,
        app.api,
        app.required_resource_access,
        app.password_credentials,
        app.key_credentials,
    )
    missing = sum(part is UNSET for part in (*parts, app.sign_in_audience, app.identifier_uris))
    if missing == 0:
        # Something that only an older export leaves out has a default, which the patient way knows.
        return None if app.spa is UNSET or app.is_fallback_public_client is UNSET or app.app_roles is UNSET else True
    return False if missing < len(parts) + 2 else None


def _read_patiently(builder: Builder, text: JsonText) -> None:
    document, values, file = text.document, text.values, text.file
    if "${{" in text.shown:
        values = _filled(builder, file, values, text.environment)
    if not values:
        raise InputError("is empty", file=file, hint="export the registration again")
    found = [(start, one) for start, value in values for one in find_applications(value)]
    if not found:
        raise _no_registration(file, [value for _, value in values])
    kind = _LINES if len(values) > 1 else _format(values[0][1], found[0][1])
    mismatches = [pair for start, one in found for pair in _add(builder, document, start, one, kind)]
    if mismatches:
        builder.problems += _mismatch_problems(builder.build(), mismatches)
    parts = [part for _, value in values for part in parts_of_batch(value)]
    pages = [*(value for _, value in values), *(part.body for part in parts)]
    more = any(isinstance(page, dict) and page.get("@odata.nextLink") for page in pages)
    missed = [part.said for part in parts if part.said]
    _add_input(builder, file, kind, len(found), more=more, left_out=text.left_out, missed=missed)


def _filled(builder: Builder, file: str, values: list[tuple[int, Any]], name: str | None) -> list[tuple[int, Any]]:
    """The values with the placeholders filled that an environment next to the file has."""
    from advisor.sources.reading.environment import filled, find_environment

    try:
        environment = find_environment(builder, file, name)
    except InputError as error:  # the manifest itself is checked all the same
        builder.problems.append(Problem(what=error.what, file=file, hint=error.hint))
        return values
    if environment is None:
        return values
    builder.notes.append(environment.note(file))
    return [(start, filled(value, environment.values)) for start, value in values]


def _add(
    builder: Builder, document: Document, start: int, one: Found, format: str
) -> Iterator[tuple[str, TypeMismatch]]:
    """Add one application, in whichever vocabulary; yields its key with each value of the wrong type."""
    old = one.dialect == "azure-ad-graph"
    translated = translate(one.value) if old else _as_in_v1(_filled_redirects(one.value), one.moves)
    decoded = decode_application(translated.value)
    key = builder.add(
        mark_unread(decoded.app, decoded.unread),
        document,
        start=start,
        pointer=one.pointer,
        moves=translated.moves,
        pascal=any(name[:1].isupper() for name in one.value),
        format=_MANIFESTS["azure-ad-graph"] if old else one.format or format,
        complete=decoded.complete,
    )
    yield from ((key, mismatch) for mismatch in decoded.mismatches)


def _mismatch_problems(reading: Reading, mismatches: list[tuple[str, TypeMismatch]]) -> Iterator[Problem]:
    """A problem for each value of the wrong type, and one for all that PowerShell cut."""
    cut = [pair for pair in mismatches if pair[1].is_cut]
    if cut:
        origin = reading.locate(cut[0][0], cut[0][1].pointer)
        others = f" and {counted(len(cut) - 1, 'other value')}" if len(cut) > 1 else ""
        yield Problem(
            what=f"{origin.property}{others} must be a list or an object, not a text, as ConvertTo-Json writes below "
            "its depth",
            file=origin.file,
            line=origin.line,
            column=origin.column,
            hint=f"{CUT_REMEDY}; the other registrations were checked",
        )
    for key, mismatch in mismatches:
        if mismatch.is_cut:
            continue
        origin = reading.locate(key, mismatch.pointer)
        yield Problem(
            what=f"{origin.property} must be {mismatch.expected}",
            file=origin.file,
            line=origin.line,
            column=origin.column,
            hint=fix_the_value(reading.row(key).name),
        )


def _filled_redirects(value: dict[str, Any]) -> dict[str, Any]:
    """Take redirect URIs from ``web.redirectUriSettings`` where ``web.redirectUris`` itself is not there."""
    web = value.get("web")
    if not isinstance(web, dict) or "redirectUris" in web or not isinstance(web.get("redirectUriSettings"), list):
        return value
    uris = [row.get("uri") if isinstance(row, dict) else row for row in web["redirectUriSettings"]]
    return {**value, "web": {**web, "redirectUris": uris}}


def _as_in_v1(value: dict[str, Any], moves: Mapping[str, str]) -> Translated:
    """*value* with the name that Graph v1.0 gives the scopes of preauthorized clients.

    Graph beta and Microsoft's page about the manifest call them ``permissionIds``.
    """
    api = value.get("api")
    clients = api.get("preAuthorizedApplications") if isinstance(api, dict) else None
    if not isinstance(api, dict) or not isinstance(clients, list):
        return Translated(value, moves)
    old = {
        f"/api/preAuthorizedApplications/{index}": client
        for index, client in enumerate(clients)
        if isinstance(client, dict) and "permissionIds" in client and "delegatedPermissionIds" not in client
    }
    new = {pointer: {**client, "delegatedPermissionIds": client["permissionIds"]} for pointer, client in old.items()}
    listed = [new.get(f"/api/preAuthorizedApplications/{index}", client) for index, client in enumerate(clients)]
    return Translated(
        {**value, "api": {**api, "preAuthorizedApplications": listed}},
        {**moves, **{f"{at}/delegatedPermissionIds": f"{source_pointer(moves, at)}/permissionIds" for at in old}},
    )


def _format(value: Any, first: Found) -> str:
    if isinstance(value, dict) and first.pointer == "":
        return _RESPONSE if "@odata.context" in value else _MANIFESTS[first.dialect]
    if isinstance(value, dict) and first.pointer.startswith("/value/"):
        return _RESPONSE
    return _LIST


def _add_input(
    builder: Builder,
    file: str,
    format: str,
    count: int,
    *,
    more: bool,
    left_out: Sequence[str] = (),
    missed: Sequence[str] = (),
) -> None:
    note, remedy = _MORE if more else ("", "")
    if missed:
        note = "; ".join(missed[:_NAMED_PARTS])
        if len(missed) > _NAMED_PARTS:
            note += f"; {counted(len(missed) - _NAMED_PARTS, 'further response')} without a registration"
        remedy = "repeat the requests that failed, and lint the responses"
    if left_out:
        note = f"the template's {', '.join(left_out)} sections were left out, and the other branches were read"
        remedy = "render the template and lint the result"
    builder.inputs.append(
        Input(
            name=file,
            format=format,
            status="partly" if note else "read",
            registrations=count,
            note=note,
            remedy=remedy,
        )
    )


def _no_registration(file: str, values: list[Any]) -> InputError:
    """Say what the document is instead."""
    for value in values:
        error = graph_error(value)
        if error:
            return InputError(
                f"contains an error instead of registrations: {error}", file=file, hint="repeat the request that failed"
            )
    keys = values[0].keys() if isinstance(values[0], dict) else ()
    if {"@level", "@message"} <= set(keys):
        what, hint = (
            "contains the log of terraform plan -json, not the plan",
            "write the plan with terraform show -json",
        )
        return InputError(what, file=file, line=1, hint=hint)
    if "encrypted_data" in keys:
        return NotReadError("is encrypted by OpenTofu", file=file, hint="lint the output of tofu show -json")
    holds = what_else(values[0])
    hint = (
        "the request returned no object; check the filter of the request"
        if holds == EMPTY
        else "name a portal manifest, a Graph response, or what `az ad app show` prints"
    )
    return InputError(f"contains {holds}", file=file, hint=hint)
