"""Completion: permissions by name and by ID, values of ``signInAudience``, and platforms of redirect URIs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice

from lsprotocol.types import CompletionItem, CompletionItemKind, CompletionList, Position, Range, TextEdit

from advisor.server.positions import Positions
from advisor.server.surroundings import Typed, api_at, is_in_access, opening_of, typed_at
from rules.knowledge.permission_titles import title_of
from rules.knowledge.permissions import GRAPH, Kind, Permission, permissions, resources

#: More items than this cost the client and the server too much time.
MOST = 200

_AUDIENCES = {
    "AzureADMyOrg": "accounts in this organization only",
    "AzureADMultipleOrgs": "accounts in any organization",
    "AzureADandPersonalMicrosoftAccount": "accounts in any organization, and personal Microsoft accounts",
    "PersonalMicrosoftAccount": "personal Microsoft accounts only",
}
#: What platforms of redirect URIs are called in Graph and Bicep, in Terraform, and in manifests of the old format.
_PLATFORMS = {"web": "web", "spa": "single_page_application", "publicClient": "public_client"}
_OLD_PLATFORMS = {"Web": "web", "Spa": "spa", "InstalledClient": "publicClient"}
_KINDS = {"Role": "application permission", "Scope": "delegated permission"}

#: How Terraform names a permission: ``app_role_ids["..."]`` and ``oauth2_permission_scope_ids["..."]``.
_INDEXED = re.compile(r"""(?P<list>app_role_ids|oauth2_permission_scope_ids)\[\s*["'](?P<value>[^"'\]]*)$""")
#: Lists of delegated permissions by name, as a grant has them, with the last word that is typed.
_NAMED = re.compile(
    r"""(?:claim_values\s*=\s*\[[^\]]*|["']?\bscope["']?\s*[:=]\s*)["'](?:[^"']* )?(?P<value>[^"' ]*)$"""
)
_NEW_KEY = re.compile(r"""^\s*(?P<quote>["']?)(?P<value>\w*)$""")
_IS_APPLICATION = re.compile(
    r"""\bazuread_application(?:_registration)?["']\s|Microsoft\.Graph/applications|["']?properties["']?\s*:""",
    re.IGNORECASE,
)
_MEMBERS = re.compile(r"""["'](?:displayName|signInAudience|appId|requiredResourceAccess)["']\s*:""")


def complete(positions: Positions, position: Position, language: str) -> CompletionList:
    """What may be typed at *position*; *language* is the extension of the file. Empty where that is not known.

    Of many, the first are listed, and the client requests the list again with the next character.
    """
    found = list(islice(_items(positions, position, language), MOST + 1))
    return CompletionList(is_incomplete=len(found) > MOST, items=found[:MOST])


def _items(positions: Positions, position: Position, language: str) -> Iterator[CompletionItem]:
    offset = positions.offset(position)
    line_start = positions.line_start(offset)
    line, text = positions.text[line_start:offset], positions.text
    if (match := _INDEXED.search(line)) or (match := _NAMED.search(line)):
        kind: Kind = "Role" if match.groupdict().get("list") == "app_role_ids" else "Scope"
        place = positions.range((offset - len(match["value"]), offset))
        yield from (_item(row.value, _detail(row), place) for row in _named(kind) if _is_meant(match["value"], row))
        return
    typed = typed_at(text, line_start, offset)
    if typed is None:
        yield from _platforms(positions, line, offset, language)
    else:
        yield from _values(typed, text, offset, positions.range((typed.start, offset)))


def _is_meant(typed: str, row: Permission) -> bool:
    """Whether the name or the ID of a permission has all letters of what is *typed*, in their order."""
    letters = iter(f"{row.value} {row.id}".casefold())
    return all(letter in letters for letter in typed.casefold())


def _values(typed: Typed, text: str, offset: int, place: Range) -> Iterator[CompletionItem]:
    key = typed.key.replace("_", "").casefold()
    quote = "" if typed.quote else "'" if text.lstrip().startswith(("extension", "param", "provider")) else '"'
    if key == "signinaudience":
        yield from (_item(value, what, place, quote=quote) for value, what in _AUDIENCES.items())
    elif key == "type" and is_in_access(text, offset):
        yield from (_item(value, what, place, quote=quote) for value, what in _KINDS.items())
    elif key == "type" and "replyurlswithtype" in text[max(0, offset - 4_000) : offset].casefold():
        yield from (_item(value, f"platform {what}", place, quote=quote) for value, what in _OLD_PLATFORMS.items())
    elif key == "resourceappid":
        yield from (_item(one.id, one.name, place, label=one.name, quote=quote) for one in resources().values())
    elif key == "id" and is_in_access(text, offset):
        api = api_at(text, offset)
        for row in permissions():
            if row.resource == (api or row.resource) and _is_meant(typed.value, row):
                label = f"{row.value} ({row.reach})"
                yield _item(row.id, _detail(row), place, label=label, quote=quote)


@cache
def _named(kind: Kind) -> Sequence[Permission]:
    """The permissions of a kind, one for each name, those of Microsoft Graph first."""
    rows = sorted((row for row in permissions() if row.kind == kind), key=lambda row: row.resource != GRAPH)
    return tuple({row.value: row for row in reversed(rows)}.values())[::-1]


def _detail(row: Permission) -> str:
    title = title_of(row)
    return f"{resources()[row.resource].name}, tier {row.tier}{f': {title.title}' if title else ''}"


def _item(value: str, detail: str, place: Range, *, label: str = "", quote: str = "") -> CompletionItem:
    return CompletionItem(
        label=label or value,
        detail=detail,
        kind=CompletionItemKind.EnumMember,
        filter_text=f"{label} {value}".strip(),
        text_edit=TextEdit(place, f"{quote}{value}{quote}"),
    )


def _platforms(positions: Positions, line: str, offset: int, language: str) -> Iterator[CompletionItem]:
    """The platforms, where a member of a registration is begun."""
    match, opening = _NEW_KEY.match(line), opening_of(positions.text, offset)
    if match is None or opening is None:
        return
    head = positions.text[positions.line_start(opening) : opening]
    inside = positions.text[opening : offset + 4_000]
    if not _IS_APPLICATION.search(head) and not (language in ("json", "jsonc") and _MEMBERS.search(inside)):
        return
    place = positions.range((offset - len(match["value"]), offset))
    for graph, terraform in _PLATFORMS.items():
        name = terraform if language in ("tf", "tofu", "hcl") else graph
        yield _item(name, "platform of redirect URIs", place)
