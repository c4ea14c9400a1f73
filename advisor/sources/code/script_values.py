"""The literal values of commands that create or change a registration, read with ``--preview``.

What a command computes is not known: variables, substitutions, files. Each command is a registration of its own, since
which commands are about the same one is known only when the script runs.

Sources: Azure CLI, "az ad app create", "az ad app federated-credential create" and "az ad app credential reset" (one
year by default); Microsoft Graph PowerShell, "New-MgApplication" and "Add-MgApplicationPassword"; PowerShell,
"about_Parsing", "about_Hash_Tables", "about_Arrays"; POSIX, "Shell Command Language", section 2.2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from advisor.limits import spend
from advisor.sources.code.assembled import Branch, add_node
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.node import Node, Place, absent, from_json
from rules.model.registration import Unread

_KIND: Final = "script"
_UNKNOWN: Final = Unread(
    "unknown-until-apply", note="the script computes it", remedy="run the script, then lint the tenant"
)
#: One part of a word, or what separates words. A backslash, backtick or caret continues a line.
_PART: Final = re.compile(
    r"""(?P<space>[ \t]+|[\\`^]\r?\n)|(?P<single>'[^']*')|(?P<double>"(?:[^"\\]|\\.)*")"""
    r"""|(?P<end>[;|&)\r\n])|(?P<bare>(?:\\.|[^\s'";|&)])+)""",
    re.DOTALL,
)
_COMPUTED: Final = re.compile(r"[$`]|%\w+%|^@")

Convert = Callable[[Node], Node]


def add_literals(builder: Builder, document: Document, command: str, start: int) -> int:
    """Add what a *command* says of a registration, whose words begin at an offset of *document*; returns how many
    registrations that is, 0 or 1.
    """
    name = command.casefold()
    if name.startswith("az ad app "):
        tree = _azure_cli(document, name.removeprefix("az ad app "), start)
    elif re.fullmatch(r"(?:new|update|set)-(?:mg|mgbeta|entra|entrabeta|azad)application", name):
        tree = _powershell(document, start)
    elif re.fullmatch(r"add-(?:mg|mgbeta)applicationpassword", name):
        tree = _added_secret(document, start)
    else:
        return 0
    if tree is None or not tree.members:
        return 0
    line = document.places.position(start)[0]
    where = f"{document.file}:{line}"
    add_node(builder, tree.node(), preferred=f"{document.file}#{line}", name=f"{command} ({where})", format=_KIND)
    return 1


class _Word(NamedTuple):
    """A word of a shell: its text without quotation marks, whether it is literal, and its offsets."""

    text: str
    is_literal: bool
    span: tuple[int, int]


def _words(text: str, at: int) -> Iterator[_Word]:
    """The words of a command from an offset to its end."""
    pieces: list[str] = []
    first, is_literal = at, True
    while match := _PART.match(text, at):
        spend()
        kind, part, at = match.lastgroup, match[0], match.end()
        if kind in ("space", "end"):
            if pieces:
                yield _Word("".join(pieces), is_literal, (first, match.start()))
            pieces, is_literal = [], True
            if kind == "end":
                return
            continue
        if not pieces:
            first = match.start()
        if kind == "single":
            pieces.append(part[1:-1])
        else:
            inner = part[1:-1] if kind == "double" else part
            is_literal &= not _COMPUTED.search(inner)
            pieces.append(re.sub(r"\\(.)", r"\1", inner))
    if pieces:
        yield _Word("".join(pieces), is_literal, (first, at))


def _azure_cli(document: Document, verb: str, start: int) -> Branch | None:
    """The registration of ``az ad app``; ``None`` for a verb that says nothing of one."""
    place = Place(document, span=(start, start + 1))
    tree = Branch(Node({}, place))
    options: dict[str, list[_Word]] = {}
    last: list[_Word] = []
    for word in _words(document.text, start):
        if word.text.startswith("--"):
            name, equals, value = word.text.partition("=")
            last = options.setdefault(name, [])
            if equals:
                last.append(_Word(value, word.is_literal, word.span))
        else:
            last.append(word)
    if verb.startswith("federated-credential"):
        for word in options.get("--parameters", ()):
            tree.put("/federatedIdentityCredentials", Node([_json(document, word, "--parameters")], place))
        return tree
    if verb == "credential reset":
        return _reset(document, tree, options)
    if verb not in ("create", "update"):
        return None
    for option, (pointer, convert) in _OPTIONS.items():
        words = options.get(option)
        if words:
            tree.put(pointer, convert(document, words, option))
    return tree


def _reset(document: Document, tree: Branch, options: Mapping[str, list[_Word]]) -> Branch | None:
    """The secret of ``az ad app credential reset``; ``None`` for a certificate, whose end is in none of the words."""
    if not {"--cert", "--create-cert"}.isdisjoint(options):
        return None
    secret = Branch(Node({}, tree.place))
    if names := options.get("--display-name"):
        secret.put("/displayName", _text(document, names, "--display-name"))
    if ends := options.get("--end-date"):
        secret.put("/endDateTime", _text(document, ends, "--end-date"))
    elif years := options.get("--years"):
        is_number = years[0].text.isdecimal() and len(years[0].text) < _DIGITS
        days = _shortest(12 * int(years[0].text)) if is_number else _UNKNOWN
        secret.put("/lifetimeDays", _node(document, years[0], "--years", days))
    else:
        secret.put("/lifetimeDays", absent(_shortest(12), tree.place, "--years"))
    tree.put("/passwordCredentials", Node([secret.node()], tree.place))
    return tree


def _shortest(months: int) -> int:
    """For at least how many days something is valid that ends after this many months: those from February on are the
    fewest.
    """
    years, months = divmod(months, 12)
    return years * 365 + (date(2001 + (months + 1) // 12, (months + 1) % 12 + 1, 1) - date(2001, 2, 1)).days


def _node(document: Document, word: _Word, option: str, value: Any) -> Node:
    return Node(value if word.is_literal else _UNKNOWN, Place(document, span=word.span), option)


def _text(document: Document, words: list[_Word], option: str) -> Node:
    return _node(document, words[0], option, words[0].text)


def _truth(document: Document, words: list[_Word], option: str) -> Node:
    return _node(document, words[0], option, words[0].text.casefold() in ("true", "1", "yes", "y", "t"))


def _texts(document: Document, words: list[_Word], option: str) -> Node:
    listed = [_node(document, word, option, word.text) for word in words]
    return Node(listed, Place(document, span=(words[0].span[0], words[-1].span[1])), option)


def _structure(document: Document, words: list[_Word], option: str) -> Node:
    return _json(document, words[0], option)


def _json(document: Document, word: _Word, option: str) -> Node:
    """The value of an option that is JSON; one in a file is not known here."""
    try:
        value = json.loads(word.text) if word.is_literal else None
    except (ValueError, RecursionError):
        value = None
    place = Place(document, span=word.span)
    return Node(_UNKNOWN, place, option) if value is None else _placed(from_json(value, document), place, option)


def _placed(node: Node, place: Place, name: str) -> Node:
    """*node* and all in it at one place: inside a quoted text there are no lines."""
    value = node.value
    if isinstance(value, dict):
        value = {key: _placed(member, place, "") for key, member in value.items()}
    elif isinstance(value, list):
        value = [_placed(member, place, "") for member in value]
    return Node(value, place, name)


_OPTIONS: Final[Mapping[str, tuple[str, Callable[[Document, list[_Word], str], Node]]]] = {
    "--display-name": ("/displayName", _text),
    "--sign-in-audience": ("/signInAudience", _text),
    "--web-home-page-url": ("/web/homePageUrl", _text),
    "--web-redirect-uris": ("/web/redirectUris", _texts),
    "--public-client-redirect-uris": ("/publicClient/redirectUris", _texts),
    "--identifier-uris": ("/identifierUris", _texts),
    "--enable-access-token-issuance": ("/web/implicitGrantSettings/enableAccessTokenIssuance", _truth),
    "--enable-id-token-issuance": ("/web/implicitGrantSettings/enableIdTokenIssuance", _truth),
    "--is-fallback-public-client": ("/isFallbackPublicClient", _truth),
    "--requested-access-token-version": ("/api/requestedAccessTokenVersion", _text),
    "--required-resource-accesses": ("/requiredResourceAccess", _structure),
    "--app-roles": ("/appRoles", _structure),
    "--optional-claims": ("/optionalClaims", _structure),
}

_PS_SPACE: Final = re.compile(r"(?:[ \t]|`\r?\n|<#.*?#>)*", re.DOTALL)
_PS_BLANK: Final = re.compile(r"(?:\s|#[^\n]*\n|[;,])*")
_PS_PARAMETER: Final = re.compile(r"-([A-Za-z]\w*):?")
_PS_TOKEN: Final = re.compile(
    r"""'(?P<single>(?:[^']|'')*)'|"(?P<double>(?:[^"`]|`.|"")*)"|(?P<literal>\$(?:true|false|null)\b)"""
    r"""|(?P<number>\d+(?![\w.]))|(?P<bare>[A-Za-z_][\w.-]*)""",
    re.IGNORECASE | re.DOTALL,
)
#: Larger numbers than .NET and Python count years in.
_DIGITS: Final = 5
#: A secret without an end is valid for two years (Microsoft Graph, "application: addPassword").
_DEFAULT_MONTHS: Final = 24
_FROM_NOW: Final = re.compile(
    r"\(?\(Get-Date\)(?:\.ToUniversalTime\(\))?\.Add(?P<unit>Years|Months|Days)\((?P<count>\d{1,5})\)\)?", re.IGNORECASE
)
_PS_LITERALS: Final = {"$true": True, "$false": False, "$null": None}
_PS_KEY: Final = re.compile(r"""["']?([A-Za-z@]\w*)["']?\s*=\s*""")
_OPENERS: Final = {"(": ")", "{": "}", "[": "]"}


def _powershell(document: Document, start: int) -> Branch:
    """The registration of ``New-MgApplication`` and its like, from its parameters."""
    text, at = document.text, start
    tree = Branch(Node({}, Place(document, span=(start, start + 1))))
    while True:
        at = _skip(_PS_SPACE, text, at)
        named = _PS_PARAMETER.match(text, at)
        if named is None:
            return tree
        at = _skip(_PS_SPACE, text, named.end())
        node, at = _values(document, at)
        if named[1].casefold() == "bodyparameter" and isinstance(node.value, dict):
            tree.members.update(node.value)
        else:
            tree.members[_camel(named[1])] = node


def _added_secret(document: Document, start: int) -> Branch | None:
    """The secret of ``Add-MgApplicationPassword``; ``None`` for one that the script computes."""
    called = _powershell(document, start)
    written = called.members.get("passwordCredential", Node({}, called.place))
    if "bodyParameter" in called.members or not isinstance(written, Node) or not isinstance(written.value, dict):
        return None
    secret = {name: written.value[name] for name in ("displayName", "startDateTime") if name in written.value}
    end = written.value.get("endDateTime")
    if end is None and "startDateTime" not in secret:
        secret["lifetimeDays"] = absent(_shortest(_DEFAULT_MONTHS), written.place, "PasswordCredential.EndDateTime")
    elif end is not None and (days := _days_from_now(document, end)) is not None and "startDateTime" not in secret:
        secret["lifetimeDays"] = Node(days, end.place, "PasswordCredential.EndDateTime")
    elif end is not None:
        secret["endDateTime"] = end
    tree = Branch(Node({}, called.place))
    tree.put("/passwordCredentials", Node([Node(secret, written.place)], written.place))
    return tree


def _days_from_now(document: Document, end: Node) -> int | None:
    """The lifetime in days of ``(Get-Date).AddYears(2)`` and its like; nothing for any other expression."""
    match = _FROM_NOW.fullmatch(document.text[slice(*(end.place.span or ()))])
    if match is None:
        return None
    count = int(match["count"])
    return count if match["unit"].casefold() == "days" else _shortest(count * (12 if match["unit"][0] in "Yy" else 1))


def _skip(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


def _values(document: Document, at: int) -> tuple[Node, int]:
    """The value of a parameter: one, or several with commas between them; and where it ends."""
    start = at
    node, at = _value(document, at)
    values = [node]
    while document.text[_skip(_PS_SPACE, document.text, at) :][:1] == ",":
        at = _skip(re.compile(r"[ \t`\r\n]*,[ \t`\r\n]*"), document.text, at)
        node, at = _value(document, at)
        values.append(node)
    return (node, at) if len(values) == 1 else (Node(values, Place(document, span=(start, at))), at)


def _value(document: Document, at: int) -> tuple[Node, int]:
    text, start = document.text, at
    if text.startswith(("@(", "@{"), at):
        reads = _list if text[at + 1] == "(" else _table
        value, at = reads(document, at + 2)
        return Node(value, Place(document, span=(start, at))), at
    token = _PS_TOKEN.match(text, at)
    if token is None:
        end = _end_of_expression(text, at)
        return Node(_UNKNOWN, Place(document, span=(start, max(end, start + 1)))), end
    place = Place(document, span=token.span())
    if token["literal"]:
        return Node(_PS_LITERALS[token["literal"].casefold()], place), token.end()
    if token["number"]:
        return Node(int(token["number"]), place), token.end()
    if token["double"] is not None and re.search(r"[$`]", token["double"]):
        return Node(_UNKNOWN, place), token.end()
    return Node(token["single"] or token["double"] or token["bare"] or "", place), token.end()


def _list(document: Document, at: int) -> tuple[list[Node], int]:
    found: list[Node] = []
    while (at := _skip(_PS_BLANK, document.text, at)) < len(document.text) and document.text[at] != ")":
        before = at
        node, at = _value(document, at)
        found.append(node)
        if at == before:
            break
    return found, min(at + 1, len(document.text))


def _table(document: Document, at: int) -> tuple[dict[str, Node], int]:
    found: dict[str, Node] = {}
    while (at := _skip(_PS_BLANK, document.text, at)) < len(document.text) and document.text[at] != "}":
        key = _PS_KEY.match(document.text, at)
        if key is None:
            at = _end_of_expression(document.text, at)
            break
        found[_camel(key[1])], at = _values(document, key.end())
    return found, min(at + 1, len(document.text))


def _end_of_expression(text: str, at: int) -> int:
    """Where an expression that is not a literal ends: at a space or separator outside of its parentheses."""
    waiting: list[str] = []
    while at < len(text):
        spend()
        letter = text[at]
        if waiting and letter == waiting[-1]:
            waiting.pop()
        elif letter in _OPENERS:
            waiting.append(_OPENERS[letter])
        elif not waiting and (letter.isspace() or letter in ",;|)}]"):
            return at
        at += 1
    return at


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]
