"""Find the secrets in what is read, and hide them by value before anything leaves the sources.

A secret is what a name, a type or a mark of the format declares as one (``secretText``, ``sensitive = true``,
``@secure()``, ``sensitive_attributes``), and what looks like one: a token, a private key, user information in a URI.
A declared secret is hidden wherever it appears again, whatever the layout of the file.

Sources: RFC 6749 and 7519 (tokens), RFC 3986, 3.2.1 (user information), RFC 7468 (private keys); Microsoft, "Secure
parameters" of ARM and Bicep; HashiCorp, "Sensitive data in state" and "JSON Output Format"; Pulumi, "Secrets";
Kubernetes, "Secret".
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from os.path import commonprefix
from typing import Any, Final, TypeVar
from urllib.parse import quote

import msgspec

from advisor.placeholder import without_placeholders
from rules.primitives.spans import Span, merged
from rules.primitives.texts import HIDDEN, is_guid

T = TypeVar("T", bound=msgspec.Struct)

#: A shorter value is hidden only where it is declared: without every "web" or "prod", a report would be unreadable.
SHORTEST: Final = 8
#: The character in the place of each hidden one, for a text whose offsets must stay.
_MASK: Final = "\ue000"
_MASKED: Final = re.compile(f"{_MASK}+")
_CHARACTER: Final = re.compile(r"[^\r\n]")

#: The words that end the names of secrets, in lower case: ``client_secret``, ``adminPassword``.
_WORDS: Final = (
    "secret", "password", "passwd", "passphrase", "pwd", "token", "client_assertion", "clientassertion",
    "code_verifier", "codeverifier", "device_code", "devicecode", "auth_code", "authcode", "authorization_code",
    "authorizationcode",
    *(
        f"{kind}{joint}key"
        for kind in ("api", "access", "account", "shared", "private", "signing", "function", "subscription", "master")
        for joint in ("", "_", "-")
    ),
    "connection_string", "connectionstring",
)  # fmt: skip
#: What separates a name from its value in JSON, HCL, Bicep and YAML, in a text or in a text inside of a text.
_IS: Final = r"""\\*["']?[ \t]*(?:[:=]|=>)[ \t\r\n]*"""
_STRING: Final = r"""(?P<quote>\\*["'])(?P<value>(?:(?!(?P=quote))(?:\\.|[^\\\n]))*)"""
#: What follows one of the words where a value is written.
_NAMED: Final = re.compile(rf"(?:_?(?:text|value))?{_IS}{_STRING}", re.IGNORECASE)
#: YAML and environment files write values without quotation marks.
_BARE: Final = re.compile(
    r"""^[ \t]*(?:-[ \t]+)?(?:(?i:export)[ \t]+)?(?P<name>[\w.-]++)(?::[ \t]+|=)"""
    r"""(?!(?:true|false|null)[ \t]*(?:#|$))(?P<value>[^\s"'{\[|>&*!#]\S*(?:[ \t]+(?!#)\S+)*)""",
    re.MULTILINE,
)
#: Bicep and HCL write names of values without quotation marks.
_IS_CODE: Final = re.compile(r"^[ \t]*(?:param|var|resource|variable|module|locals)\b", re.MULTILINE)
_REFERENCE: Final = re.compile(r"[A-Za-z_][\w.\[\]()]*,?")
#: A credential of a registration calls its secret ``value``, ``hint`` or ``key``, which are harmless names elsewhere.
_LISTS: Final = ("passwordcredentials", "keycredentials", "password_credentials", "key_credentials")
_LIST: Final = re.compile(rf"{_IS}\[(?P<inside>[^\[\]]*)")
_IN_CREDENTIAL: Final = re.compile(rf"\b(?:value|hint|key){_IS}{_STRING}", re.IGNORECASE)
#: It may be a part of a secret, or the thumbprint of a certificate, which rules compare: it is masked and not replaced.
_IDENTIFIERS: Final = ("customkeyidentifier", "custom_key_identifier")
#: Terraform: a block begins; it is a credential; a variable or output is sensitive; its value; texts.
_BLOCK: Final = re.compile(
    r"^[ \t]*(variable|output|resource|data|module|locals|provider|terraform|moved|import|check)\b([^\n=]*)\{",
    re.MULTILINE,
)
_IS_CREDENTIAL: Final = re.compile(r'^[ \t]+"azuread_\w+_(?:password|certificate)"')
_IS_SENSITIVE: Final = re.compile(r"\bsensitive[ \t]*=[ \t]*true\b")
_DEFAULT: Final = re.compile(r"\b(?:default|value)[ \t]*=")
_ARGUMENT: Final = re.compile(r"^[ \t]*\w+[ \t]*=(?!=)", re.MULTILINE)
_LITERAL: Final = re.compile(
    r"""(?P<quote>["'])(?P<value>(?:(?!(?P=quote))(?:\\.|[^\\\n]))*)"""
    r"""|<<-?(?P<mark>\w+)[ \t]*\n(?P<lines>(?:(?![ \t]*(?P=mark)\b)[^\n]*\n)*)"""
)
#: Bicep: a parameter below the decorator, as far as the next statement.
_SECURE: Final = re.compile(
    r"""@(?:sys\.)?secure[ \t]*\([ \t]*\)(?:\s|@[^\n]*\n|//[^\n]*\n){0,50}param[ \t]+\w+[^\n=]*="""
    r"""(?P<inside>(?:(?!\n[ \t]*(?:@|(?:param|var|resource|module|output|targetScope|type|func)\b))[\s\S])*)""",
    re.IGNORECASE,
)
#: The number of last characters by which words are grouped: one search finds all words of a group.
_ENDING: Final = 3
#: A word without which a text declares no secret.
_DECLARES: Final = (*_WORDS, "credentials", "sensitive", "secure", "keyidentifier", "key_identifier")
#: The marks of formats in JSON, in lower case: without one of these no walk is needed.
_MARKS: Final = (
    '"sensitive', '_sensitive"', '"additionalsecretoutputs"', '"4dabf18193072939515e22adb298388d"', '"secret"',
    '"securestring"', '"secureobject"', 'password"', 'certificate"',
)  # fmt: skip

#: What looks like a secret wherever it appears, with literals of which a text has one if it has such a secret: looking
#: for them costs a tenth of the pattern, which then searches from quotation mark to quotation mark around each. What is
#: public before a secret is a group. No match includes a quotation mark or a part of an escape of JSON. A code of five
#: to nine digits is the number of an error.
_LIKE: Final = tuple(
    (literals, re.compile(pattern))
    for literals, pattern in (
        (
            ("=", "\\u003"),
            r"""((?:[?&#;]|\\u0026)(?i:[\w.-]*(?:secret|password|token|assertion|verifier)|code|device_code|sig|pwd"""
            r"""|(?:api|access|function|subscription)?[_-]?key)(?:=|\\u003[dD]))(?!\d{5,9}(?![^&#\s"'<>\\]))"""
            r"""[^&#\s"'<>\\]+""",
        ),
        # A password, or a token in the place of a user name. Another user name may be a deceptive host: it is shown.
        (("@",), r"""(:\\?/\\?/[^/?#\s"'<>\\:@]*:)[^/?#\s"'<>\\]+(?=@)"""),
        (("@",), r"""(:\\?/\\?/)(?=[^/?#:@.]*\d)[\w~+=-]{16,}(?=@)"""),
        (("ey=",), r"""([Kk]ey=)[^;&\s"'<>\\]{16,}"""),
        (("assword=", "wd="), r"""([Pp](?:assword|wd)=)[^;&\s"'<>\\]+"""),
        (("earer ", "asic "), r"""([Bb](?:earer|asic) +)[\w~+/.=-]{16,}"""),
        (
            ("-----BEGIN ",),
            r"""-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----"""
            r"""(?:[^"\\-]|-(?!----)|\\+[nr])*(?:-----END [A-Z0-9 ]{0,40}-----)?""",
        ),
        (("eyJ",), r"""eyJ(?<![\w-]eyJ)[\w-]{10,}(?:\.[\w-]*){0,4}"""),
        (("0.A", "1.A"), r"""[01]\.A(?<![\w.]..A)[\w-]{20,}(?:\.[\w-]+)*"""),
        (("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"""gh[pousr]_[A-Za-z0-9]{20,}"""),
        (("github_pat_",), r"""github_pat_\w{20,}"""),
        (("glpat-",), r"""glpat-[\w-]{20,}"""),
        (("xox",), r"""xox[abprs]-[\w-]{10,}"""),
        (("AKIA",), r"""AKIA[0-9A-Z]{16}"""),
    )
)
#: A client secret of Entra begins four characters before the literal.
_CLIENT_SECRET: Final = re.compile(r"Q~(?<=[\w~.-]{3}\dQ~)[\w~.-]{31,34}")
_WORD_CHARACTER: Final = re.compile(r"\w")

#: Pulumi's signature of a secret.
_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"


def names_secret(name: str) -> bool:
    """Whether a name says that its value is a secret: ``AZURE_CLIENT_SECRET``, ``secretText``."""
    end = name[-40:].lower()
    return end.removesuffix("text").removesuffix("value").removesuffix("_").endswith(_WORDS)


def is_secret_like(text: str) -> bool:
    """Whether a part of *text* looks like a secret."""
    return bool(_suspects(text))


class Secrets:
    """The secrets of a run: what its documents declare as secret."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        #: Their lengths by their first characters, so that a text is searched for all of them at once.
        self._lengths: dict[str, set[int]] = {}

    def learn(self, text: str) -> None:
        """Keep the secrets that a document declares."""
        if next(_after(text, _DECLARES), None) is not None:
            for start, end in _declared(text):
                self.add(text[start:end])
            self.add_all(_marked(text))

    def add_all(self, values: Iterable[str]) -> None:
        """Keep declared secrets."""
        for value in values:
            self.add(value)

    def add(self, value: str) -> None:
        """Keep a declared secret, in each way in which a text may write it. What is short or public is not kept."""
        value = (_unescaped(value) if "\\" in value else value).strip()
        if len(value) < SHORTEST or is_guid(value) or not _WORD_CHARACTER.search(without_placeholders(value)):
            return
        for written in (
            value,
            json.dumps(value)[1:-1],
            json.dumps(value, ensure_ascii=False)[1:-1],
            quote(value, safe=""),
        ):
            self._known.add(written)
            self._lengths.setdefault(written[:SHORTEST], set()).add(len(written))

    def hide(self, text: str) -> str:
        """*text* with ``(hidden)`` in the place of each secret."""
        return _replaced(text, self._found(text), lambda _: HIDDEN)

    def may_be_in(self, text: str) -> bool:
        """Whether what a JSON *text* says may contain a secret: it does, or says it with escapes or placeholders."""
        return bool(self._known or _suspects(text)) or any(mark in text for mark in ("\\u", "\\/", "{{"))

    def are_in(self, value: object) -> bool:
        """Whether a text in *value* has a secret."""
        return bool(self._found(msgspec.json.encode(value).decode()))

    def hide_in(self, value: T) -> T:
        """A struct with ``(hidden)`` in the place of each secret in its texts. It is the same one if it has none."""
        text = msgspec.json.encode(value).decode()
        hidden = self.hide(text)
        return value if hidden == text else msgspec.json.decode(hidden, type=type(value), strict=True)

    def mask(self, text: str) -> str:
        """*text* without the secrets that it has or declares, of the same length and with the same lines.

        ``unmasked`` makes a piece of it readable.
        """
        own = Secrets()
        own.add_all(_marked(text))
        spans = [*self._repeated(text), *own._repeated(text), *_suspects(text), *_declared(text)]
        spans += (named.span("value") for at in _after(text, _IDENTIFIERS) if (named := _NAMED.match(text, at)))
        return _replaced(text, merged(spans), lambda secret: _CHARACTER.sub(_MASK, secret))

    def _found(self, text: str) -> list[Span]:
        """Where *text* has a secret that is known, or what looks like one."""
        return merged([*self._repeated(text), *_suspects(text)])

    def _repeated(self, text: str) -> Iterator[Span]:
        """Where *text* has a secret that is known."""
        if not self._known:
            return
        for at in range(len(text) - SHORTEST + 1):
            for length in self._lengths.get(text[at : at + SHORTEST], ()):
                if text[at : at + length] in self._known:
                    yield at, at + length


def without_secrets(text: str) -> str:
    """*text* without the secrets that it has or declares, each as ``(hidden)``."""
    return unmasked(Secrets().mask(text))


def unmasked(text: str) -> str:
    """A piece of a masked text, with ``(hidden)`` for each secret."""
    return _MASKED.sub(HIDDEN, text) if _MASK in text else text


def _replaced(text: str, spans: Iterable[Span], by: Callable[[str], str]) -> str:
    pieces: list[str] = []
    last = 0
    for start, end in spans:
        pieces += (text[last:start], by(text[start:end]))
        last = end
    return "".join((*pieces, text[last:]))


@lru_cache(maxsize=4)  # a document is looked through before its registrations are built, and when a line is shown
def _suspects(text: str) -> tuple[Span, ...]:
    """Where *text* has what looks like a secret. A placeholder and what is hidden already do not."""
    return tuple(_suspected(text))


def _suspected(text: str) -> Iterator[Span]:
    for literals, pattern in _LIKE:
        for part in _parts_with(text, literals):
            for match in pattern.finditer(text, *part):
                start = match.end(1) if pattern.groups else match.start()
                if not _is_public(text[start : match.end()]):
                    yield start, match.end()
    if "Q~" in text:
        yield from ((match.start() - 4, match.end()) for match in _CLIENT_SECRET.finditer(text))


def _parts_with(text: str, literals: Iterable[str]) -> Iterator[Span]:
    """The parts of *text* between quotation marks that have one of *literals*."""
    for literal in literals:
        at = text.find(literal)
        while at >= 0:
            end = text.find('"', at)
            yield text.rfind('"', 0, at) + 1, end if end >= 0 else len(text)
            at = text.find(literal, end) if end >= 0 else -1


def _is_public(value: str) -> bool:
    return value == HIDDEN or not _WORD_CHARACTER.search(without_placeholders(value))


@lru_cache(maxsize=1)  # each of the searches in a document wants it
def _folded(text: str) -> str:
    """*text* in lower case, with the same offsets."""
    folded = text.lower()
    return folded if len(folded) == len(text) else "".join(one if len(low := one.lower()) > 1 else low for one in text)


def _is_json(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[")


@cache
def _by_ending(words: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """The *words* by an ending that they share: one search finds all that end in ``key``."""
    alike: dict[str, list[str]] = {}
    for word in words:
        alike.setdefault(word[-_ENDING:], []).append(word)
    # The words are not paths: they must be compared character by character.
    return {commonprefix([one[::-1] for one in ones])[::-1]: tuple(ones) for ones in alike.values()}  # noqa: RUF071


def _after(text: str, words: tuple[str, ...]) -> Iterator[int]:
    """The offsets behind each of the *words*, in any case: much faster than one pattern of all words."""
    folded = _folded(text)
    for ending, ones in _by_ending(words).items():
        at = folded.find(ending)
        while at >= 0:
            at += len(ending)
            if folded.endswith(ones, 0, at):
                yield at
            at = folded.find(ending, at)


def _lists(text: str) -> Iterator[re.Match[str]]:
    """The lists of credentials in *text*, each to its end or to a list inside of it."""
    return filter(None, (_LIST.match(text, at) for at in _after(text, _LISTS)))


@lru_cache(maxsize=4)
def _declared(text: str) -> tuple[Span, ...]:
    """Where *text* writes a value that its name, or a mark near it, declares as a secret."""
    return tuple(_named(text))


def _named(text: str) -> Iterator[Span]:
    for at in _after(text, _WORDS):
        named = _NAMED.match(text, at)
        if named and not _is_public(named["value"]):
            yield named.span("value")
    for outer in _lists(text):
        yield from (one.span("value") for one in _IN_CREDENTIAL.finditer(text, *outer.span("inside")))
    if not _is_json(text):
        yield from _declared_in_code(text)


def _declared_in_code(text: str) -> Iterator[Span]:
    """As ``_declared``, by what only HCL, Bicep, YAML and environment files have."""
    is_code = _IS_CODE.search(text) is not None
    for match in _BARE.finditer(text):
        name, value = match["name"], match["value"]
        if names_secret(name) and not _is_public(value) and not (is_code and _REFERENCE.fullmatch(value)):
            yield match.span("value")
    for outer in _SECURE.finditer(text):
        yield from _literals(text, *outer.span("inside"))
    blocks = list(_BLOCK.finditer(text))
    for block, end in zip(blocks, [*(block.start() for block in blocks[1:]), len(text)], strict=False):
        is_sensitive = block[1] in ("variable", "output") and _IS_SENSITIVE.search(text, block.end(), end)
        is_credential = _IS_CREDENTIAL.search(block[2])
        if (is_sensitive or is_credential) and (default := _DEFAULT.search(text, block.end(), end)):
            yield from _literals(text, default.end(), _value_end(text, default.end(), end) if is_credential else end)


def _value_end(text: str, start: int, end: int) -> int:
    """Where the value that begins at *start* ends: at the next argument, such as the end date of a credential."""
    line = text.find("\n", start, end)
    literal = _LITERAL.search(text, start, end)
    after = literal.end() if literal and literal["mark"] and literal.start() < line else line
    following = _ARGUMENT.search(text, after, end) if after >= 0 else None
    return following.start() if following else end


def _literals(text: str, start: int, end: int) -> Iterator[Span]:
    """The texts between two offsets, and the lines of those that have several."""
    for match in _LITERAL.finditer(text, start, end):
        if match["lines"] is None:
            yield match.span("value")
        else:
            yield from (line.span() for line in re.compile(r"[^\s][^\n]*").finditer(text, *match.span("lines")))


def _unescaped(value: str) -> str:
    """A text as JSON or HCL means it; as it is written where it is no such text."""
    try:
        return str(json.loads(f'"{value}"', strict=False))
    except ValueError:
        return value


def _marked(text: str) -> Iterator[str]:
    """The secrets that a JSON document marks in the way of its format, not by a name."""
    folded = _folded(text)
    has_mark = any(mark in folded for mark in _MARKS)
    if not _is_json(text) or not (has_mark or any(text[one.end() : one.end() + 1] == "[" for one in _lists(text))):
        return
    try:
        yield from _of_json(json.loads(text, strict=False), inside=False)
    except (ValueError, RecursionError):  # broken: nothing of it is read
        return


def _of_json(value: Any, *, inside: bool) -> Iterator[str]:
    """The marked secrets of a JSON value, which is *inside* of a list of credentials or not."""
    if isinstance(value, list):
        for element in value:
            yield from _of_json(element, inside=inside)
    if not isinstance(value, dict):
        return
    yield from _of_object(value)
    for name, member in value.items():
        if isinstance(member, str):
            if names_secret(name) or (inside and name.casefold() in ("value", "hint", "key")):
                yield member
        else:
            yield from _of_json(member, inside=inside or name.casefold() in ("passwordcredentials", "keycredentials"))


def _of_object(value: Mapping[str, Any]) -> Iterator[str]:
    for name, sensitive in (
        ("after", "after_sensitive"), ("before", "before_sensitive"), ("values", "sensitive_values"),
    ):  # fmt: skip
        if sensitive in value:
            yield from marked(value.get(name), value[sensitive])
    if value.get("sensitive") is True:  # an output, or a variable in JSON
        yield from texts(value.get("value"))
        yield from texts(value.get("default"))
    yield from at_paths(value.get("attributes"), value.get("sensitive_attributes"))
    if str(value.get("type")).casefold() in ("securestring", "secureobject"):
        yield from texts(value.get("defaultValue"))
    if _SIGNATURE in value:
        yield from (text for name, one in value.items() if name != _SIGNATURE for text in texts(_inner_json(one)))
    if str(value.get("type")).endswith(("Password", "Certificate")):  # of Pulumi
        for part in ("inputs", "outputs"):
            inner = value.get(part)
            yield from texts(inner.get("value") if isinstance(inner, dict) else None)
    outputs, names = value.get("outputs"), value.get("additionalSecretOutputs")
    if isinstance(outputs, dict) and isinstance(names, list):
        yield from (text for name in names for text in texts(outputs.get(name) if isinstance(name, str) else None))
    if value.get("kind") == "Secret":
        yield from texts(value.get("stringData"))
        yield from (one for text in texts(value.get("data")) for one in (text, _from_base64(text)))


def texts(value: Any) -> Iterator[str]:
    """All texts of a JSON value."""
    if isinstance(value, str):
        yield value
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(member)


def marked(value: Any, mask: Any) -> Iterator[str]:
    """The texts of a JSON value at which a *mask* of the same shape has ``true`` (Terraform's ``after_sensitive``)."""
    if mask is True:
        yield from texts(value)
    elif isinstance(mask, dict) and isinstance(value, dict):
        for name, inner in mask.items():
            yield from marked(value.get(name), inner)
    elif isinstance(mask, list) and isinstance(value, list):
        for element, inner in zip(value, mask, strict=False):
            yield from marked(element, inner)


def at_paths(value: Any, paths: Any) -> Iterator[str]:
    """The texts at the paths of Terraform's ``sensitive_attributes``: names, or lists of steps."""
    for path in paths if isinstance(paths, list) else ():
        inner = value
        for step in path if isinstance(path, list) else [{"value": path}]:
            key = step.get("value") if isinstance(step, dict) else None
            if isinstance(key, dict):  # an index, with its type
                key = key.get("value")
            if isinstance(inner, dict) and isinstance(key, str):
                inner = inner.get(key)
            elif isinstance(inner, list) and isinstance(key, int) and -len(inner) <= key < len(inner):
                inner = inner[key]
            else:
                inner = None
        yield from texts(inner)


def _inner_json(value: Any) -> Any:
    """What a text of Pulumi's holds as JSON; other values as they are."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return value


def _from_base64(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
