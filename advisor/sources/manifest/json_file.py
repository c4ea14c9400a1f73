"""Registrations in one JSON text: manifests in both formats, Graph responses, what ``az ad app`` prints, JSON lines.

A strict Graph response goes the quick way: one decode into registrations. Everything else goes the patient way, which
survives comments, placeholders, other spellings and values of the wrong type, and says what it could not read. Plans,
templates and previews are recognised here and read by their own modules.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from advisor.errors import InputError
from advisor.sources.manifest.recognise import (
    EMPTY,
    Found,
    find_applications,
    graph_error,
    is_arm_template,
    is_pulumi_preview,
    is_teams_manifest,
    what_else,
)
from advisor.sources.reading.builder import Builder, Document, Reading
from advisor.sources.reading.graph_json import Misfit, fit
from advisor.sources.reading.legacy import Translated, translate
from advisor.sources.reading.placeholder import may_hold_placeholders
from advisor.sources.reading.text import Relaxed, decode, relax
from reports.rows import Input, Problem
from rules.model.registration import Registration, mark_unread

_RESPONSE: Final = "Microsoft Graph response"
_LIST: Final = "list of applications"
_LINES: Final = "JSON lines"
_MANIFESTS: Final = {
    "graph": "manifest, Microsoft Graph format",
    "azure-ad-graph": "manifest, Azure AD Graph format",
}
#: Keys that only Terraform's plans and states have.
_TERRAFORM: Final = re.compile(rb'"(?:resource_changes|planned_values|terraform_version)"\s*:')
_SPACE: Final = re.compile(r"\s*")
_DECODER: Final = json.JSONDecoder(strict=False)
_MORE: Final = (
    "it ends with a link to the next page",
    "fetch all pages, or lint what `az ad app list --all` prints",
)


class _Page(msgspec.Struct):
    """A page of Graph, its elements undecided: ``@odata.nextLink`` says that there are more."""

    value: tuple[_Application, ...] | UnsetType = UNSET
    next_link: str | UnsetType | None = msgspec.field(default=UNSET, name="@odata.nextLink")
    sign_in_audience: msgspec.Raw | UnsetType = msgspec.field(default=UNSET, name="signInAudience")


class _Application(Registration, frozen=True):
    """A registration, with the properties that tell another vocabulary or another kind of object."""

    odata_type: str | UnsetType | None = msgspec.field(default=UNSET, name="@odata.type")
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


def read_json(builder: Builder, file: str, data: bytes, environment: str | None = None) -> frozenset[str]:
    """Read all registrations of a JSON text into *builder*, with an input row and a problem for each value that is wrong.

    Placeholders are filled from the *environment* beside the file, the first one where none is named. Returns the addresses
    of Terraform's resources for which it speaks: those of a plan.
    Raises ``InputError`` when there is no registration in it: not text, not JSON, or something else.
    """
    data = data.removeprefix(codecs.BOM_UTF8)
    if not data or data.isspace():
        raise InputError("is empty", file=file, hint="export the registration again")
    if _read_quickly(builder, file, data):
        return frozenset()
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        data = decode(data, file).encode("utf-8", "surrogatepass")
    if _TERRAFORM.search(data) and data.lstrip()[:1] == b"{":
        from advisor.sources.terraform.plan import read_plan

        return read_plan(builder, file, data)
    _read_patiently(builder, file, data, environment)
    return frozenset()


def _read_quickly(builder: Builder, file: str, data: bytes) -> bool:
    """Read a strict response or list of Microsoft Graph. False, with nothing done, when it is anything else."""
    first = data.lstrip()[:1]
    if first not in b"[{" or may_hold_placeholders(data):
        return False
    try:
        page = _PAGE.decode(data) if first == b"{" else _Page(value=_ARRAY.decode(data))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    if isinstance(page.value, UnsetType) or not page.value or page.sign_in_audience is not UNSET:
        return False
    completeness = [_completeness(app) for app in page.value]
    if None in completeness:
        return False
    try:
        document = Document(file, data.decode())
    except UnicodeDecodeError:
        return False
    prefix, kind = ("/value", _RESPONSE) if first == b"{" else ("", _LIST)
    for index, (app, complete) in enumerate(zip(page.value, completeness, strict=True)):
        builder.add(app, document, pointer=f"{prefix}/{index}", format=kind, complete=complete is True)
    _add_input(builder, file, kind, len(page.value), more=bool(page.next_link))
    return True


def _completeness(app: _Application) -> bool | None:
    """Whether an application has everything (true) or is a selection (false); ``None`` when it wants the patient way."""
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


def _read_patiently(builder: Builder, file: str, data: bytes, wish: str | None) -> None:
    shown = decode(data, file)
    relaxed, values = _parse(shown, file)
    document = Document(file, relaxed.text, shown)
    if len(values) == 1 and _read_other(builder, document, *values[0], wish):
        return
    if "${{" in shown:
        values = _filled(builder, file, values, wish)
    found = [(start, one) for start, value in values for one in find_applications(value)]
    if not found:
        raise _no_registration(file, [value for _, value in values])
    kind = _LINES if len(values) > 1 else _format(values[0][1], found[0][1])
    misfits = [pair for start, one in found for pair in _add(builder, document, start, one, kind)]
    if misfits:
        builder.problems += _misfit_problems(builder.build(), misfits)
    more = any(isinstance(value, dict) and value.get("@odata.nextLink") for _, value in values)
    _add_input(builder, file, kind, len(found), more=more, left_out=relaxed.left_out)


def _read_other(builder: Builder, document: Document, start: int, value: Any, wish: str | None) -> bool:
    """Read what is no registration but holds or names some. False, with nothing done, when it is none of that."""
    count = 0
    if is_arm_template(value):
        from advisor.sources.code import arm

        kind, count = arm.KIND, arm.read_template(builder, document, value, start)
        if not count:
            raise InputError(
                "holds an ARM template without a registration", file=document.file, hint="nothing in it is judged"
            )
    elif is_pulumi_preview(value):
        from advisor.sources.terraform import pulumi

        kind, count = pulumi.read_preview(builder, document, value, start)
    elif is_teams_manifest(value):
        from advisor.sources.manifest import teams

        kind = teams.KIND
        mention = teams.mention_in(document, value, start, wish)
        if mention is None:
            raise InputError(
                "is a Teams app manifest without webApplicationInfo",
                file=document.file,
                hint="it names no registration",
            )
        builder.mentions.append(mention)
    else:
        return False
    builder.inputs.append(Input(name=document.file, format=kind, status="read", registrations=count))
    return True


def _filled(builder: Builder, file: str, values: list[tuple[int, Any]], wish: str | None) -> list[tuple[int, Any]]:
    """The values with the placeholders filled that an environment beside the file has."""
    from advisor.sources.reading.environment import filled, find_environment

    try:
        environment = find_environment(file, wish)
    except InputError as error:  # the manifest itself is judged all the same
        builder.problems.append(Problem(what=error.what, file=file, hint=error.hint))
        return values
    if environment is None:
        return values
    others = f"; --env chooses among {', '.join(environment.others)} too" if environment.others else ""
    builder.notes.append(f"Placeholders in {file} were filled from {environment.file}{others}.")
    return [(start, filled(value, environment.values)) for start, value in values]


def _add(builder: Builder, document: Document, start: int, one: Found, format: str) -> Iterator[tuple[str, Misfit]]:
    """Add one application, in whichever vocabulary; yields its key with each value of the wrong type."""
    old = one.dialect == "azure-ad-graph"
    translated = translate(one.value) if old else Translated(_filled_redirects(one.value), {})
    fitted = fit(translated.value)
    key = builder.add(
        mark_unread(fitted.app, fitted.unread),
        document,
        start=start,
        pointer=one.pointer,
        moves=translated.moves,
        pascal=any(name[:1].isupper() for name in one.value),
        format=_MANIFESTS["azure-ad-graph"] if old else format,
        complete=fitted.complete,
    )
    yield from ((key, misfit) for misfit in fitted.misfits)


def _misfit_problems(reading: Reading, misfits: list[tuple[str, Misfit]]) -> Iterator[Problem]:
    for key, misfit in misfits:
        origin = reading.locate(key, misfit.pointer)
        yield Problem(
            what=f"{origin.property} must be {misfit.expected}",
            file=origin.file,
            line=origin.line,
            column=origin.column,
            hint=f"mend the value; the rest of {reading.row(key).name} was judged",
        )


def _filled_redirects(value: dict[str, Any]) -> dict[str, Any]:
    """Take redirect URIs from ``web.redirectUriSettings`` where ``web.redirectUris`` itself is not there."""
    web = value.get("web")
    if not isinstance(web, dict) or "redirectUris" in web or not isinstance(web.get("redirectUriSettings"), list):
        return value
    uris = [row.get("uri") if isinstance(row, dict) else row for row in web["redirectUriSettings"]]
    return {**value, "web": {**web, "redirectUris": uris}}


def _format(value: Any, first: Found) -> str:
    if isinstance(value, dict) and first.pointer == "":
        return _RESPONSE if "@odata.context" in value else _MANIFESTS[first.dialect]
    if isinstance(value, dict) and first.pointer.startswith("/value/"):
        return _RESPONSE
    return _LIST


def _add_input(
    builder: Builder, file: str, format: str, count: int, *, more: bool, left_out: tuple[str, ...] = ()
) -> None:
    note, remedy = _MORE if more else ("", "")
    if left_out:
        note = f"the template's {', '.join(left_out)} sections were left out, their opposites were read"
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


def _parse(shown: str, file: str) -> tuple[Relaxed, list[tuple[int, Any]]]:
    """The values of a text with their offsets: one, or several one after the other. Strict JSON is not relaxed."""
    strict = Relaxed(shown)
    try:
        return strict, list(_values(shown))
    except (ValueError, RecursionError):
        pass
    relaxed = relax(shown)
    try:
        return relaxed, list(_values(relaxed.text))
    except json.JSONDecodeError as error:
        what = f"is not JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise InputError(what, file=file, line=error.lineno, column=error.colno, hint=_syntax_hint(shown)) from None
    except RecursionError:
        raise InputError("is nested too deeply", file=file, hint="no registration looks like that") from None
    except ValueError as error:
        raise InputError(f"is not JSON: {error}", file=file, hint="mend the value") from None


def _values(text: str) -> Iterator[tuple[int, Any]]:
    at = _after_space(text, 0)
    while at < len(text):
        value, end = _DECODER.raw_decode(text, at)
        yield at, value
        at = _after_space(text, end)


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _syntax_hint(text: str) -> str:
    if text.lstrip()[:1] in ("{", "["):
        return "mend the syntax there"
    return "registrations are read from JSON: a portal manifest, a Graph response, or what `az ad app show` prints"


def _no_registration(file: str, values: list[Any]) -> InputError:
    """Say what the document is instead."""
    for value in values:
        error = graph_error(value)
        if error:
            return InputError(
                f"holds an error instead of registrations: {error}", file=file, hint="repeat the request that failed"
            )
    holds = what_else(values[0])
    hint = (
        "nothing matched; check the filter of the request"
        if holds == EMPTY
        else "name a portal manifest, a Graph response, or what `az ad app show` prints"
    )
    return InputError(f"holds {holds}", file=file, hint=hint)
