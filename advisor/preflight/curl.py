"""curl commands, as users write them and as browsers and Postman copy them, for sh and for cmd."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise
from typing import Final
from urllib.parse import quote

from advisor.errors import InputError
from advisor.preflight.wire import AuthRequest, make_request

#: Options with a value that say nothing about the request (curl's manual).
_WITH_VALUE: Final = frozenset(
    (
        "-o", "--output", "-A", "--user-agent", "-b", "--cookie", "-c", "--cookie-jar", "-e", "--referer", "-m",
            "--max-time", "-w",
        "--write-out", "-x", "--proxy", "-E", "--cert", "--key", "--cacert", "--connect-timeout", "--retry",
            "--resolve", "--connect-to",
        "-D", "--dump-header", "-U", "--proxy-user", "--limit-rate", "--ciphers", "--tls-max", "--interface", "-K",
            "--config", "--retry-delay",
    )
)  # fmt: skip
_DATA: Final = frozenset(("-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode"))
_JOINED: Final = re.compile(r"-(?P<flag>[XHdFuAbemowx])(?P<rest>.+)", re.DOTALL)
#: What quotes text in a shell. ANSI-C quoting, ``$'...'``, means something outside other quotation marks only.
_QUOTED: Final = re.compile(
    r"""\\. | '[^']*' | "(?:[^"\\]|\\.)*" | \$'(?P<ansi>(?:[^'\\]|\\.)*)'""", re.DOTALL | re.VERBOSE
)
_ANSI_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t"}
_SIGN_IN: Final = re.compile(r"""(https://[^\s"'<>?]+/authorize\?[^\s"'<>]+)""", re.IGNORECASE)
_START: Final = re.compile(r"(?:^|(?<=[\s$#>;&|(]))curl(?:\.exe)?(?=\s)")


def read_curl(text: str, name: str) -> tuple[AuthRequest, ...]:
    """The requests of all curl commands in *text* that go to the identity platform.

    Raises ``InputError`` for a quotation mark that is never closed.
    """
    plain = _unbroken(text)
    starts = [match.start() for match in _START.finditer(plain)]
    found: list[AuthRequest] = []
    for match in _SIGN_IN.finditer(plain[: starts[0]] if starts else plain):
        # A script shows the address of the sign-in before it redeems the code.
        request = make_request("GET", match[1], file=name, line=plain.count("\n", 0, match.start()) + 1)
        found += [request] if request else []
    for start, end in pairwise([*starts, len(plain)]):
        line = plain.count("\n", 0, start) + 1
        found += _command(plain[start:end], name, line)
    return tuple(found)


def _unbroken(text: str) -> str:
    """The commands on one line each: sh and cmd continue a line with a last character, Chrome for cmd escapes with
    ^.
    """
    text = text.replace("\r\n", "\n")
    if re.search(r"\^\n", text) or '^"' in text:
        text = re.sub(r"\^\n\s*", " ", text)
        text = re.sub(r"\^(.)", r"\1", text)
    return re.sub(r"[\\`]\n\s*", " ", text)


def _without_ansi_quoting(command: str) -> str:
    """The *command* with ``$'...'``, which ``shlex`` does not know, in single quotation marks."""
    return _QUOTED.sub(
        lambda match: match[0] if match["ansi"] is None else shlex.quote(_ANSI_ESCAPE.sub(_unescape, match["ansi"])),
        command,
    )


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _ESCAPED.get(match[3], match[3])


class _Parts:
    """What the options of one command add up to."""

    def __init__(self) -> None:
        self.method = ""
        self.urls: list[str] = []
        self.headers: list[tuple[str, str]] = []
        self.data: list[str] = []
        self.fields: list[tuple[str, str]] = []
        self.get = False

    def add(self, option: str, value: str) -> None:
        if option in ("-X", "--request"):
            self.method = value
        elif option in ("-H", "--header"):
            name, _, rest = value.partition(":")
            self.headers.append((name, rest))
        elif option in ("-F", "--form", "--form-string"):
            name, _, rest = value.partition("=")
            self.fields.append((name, rest if option == "--form-string" else _form_value(rest)))
        elif option in ("-u", "--user"):
            self.headers.append(("Authorization", "Basic "))
        elif option in ("-G", "--get"):
            self.get = True
        elif option in ("", "--url"):
            self.urls.append(value)
        else:
            self.add_data(option, value)

    def add_data(self, option: str, value: str) -> None:
        if option == "--json":
            self.headers.append(("Content-Type", "application/json"))
        if option == "--json" or option in _DATA:
            self.data.append(_encoded(value) if option == "--data-urlencode" else value)


def _command(text: str, name: str, line: int) -> Iterator[AuthRequest]:
    words = _words(text, name, line)
    parts = _Parts()
    index = 1
    while index < len(words):
        option, value, index = _option(words, index)
        parts.add(option, value)
    joined = "&".join(parts.data)
    body: str | list[tuple[str, str]] | None = parts.fields or (joined if parts.data and not parts.get else None)
    for url in parts.urls:
        address = url if "://" in url else f"https://{url}"
        if parts.get and joined:
            address += ("&" if "?" in address else "?") + joined
        method = parts.method or ("GET" if body is None else "POST")
        request = make_request(method, address, parts.headers, body, file=name, line=line)
        if request is not None:
            yield request


def _option(words: list[str], index: int) -> tuple[str, str, int]:
    """The option at *index* with its value, and where the next one begins; an empty option is an address."""
    word = words[index]
    if not word.startswith("-") or word == "-":
        return "", word, index + 1
    takes = word in _WITH_VALUE or word in _DATA or word in (
        "-X", "--request", "-H", "--header", "-F", "--form", "--form-string", "-u", "--user", "--url", "--json",
    )  # fmt: skip
    if takes:
        return word, words[index + 1] if index + 1 < len(words) else "", index + 2
    if word.startswith("--"):
        option, equals, value = word.partition("=")
        return (option, value, index + 1) if equals else (word, "", index + 1)
    joined = _JOINED.fullmatch(word)
    return (f"-{joined['flag']}", joined["rest"], index + 1) if joined else (word, "", index + 1)


def _words(text: str, name: str, line: int) -> list[str]:
    lexer = shlex.shlex(_without_ansi_quoting(text), posix=True, punctuation_chars=";|\n")
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = ""
    words: list[str] = []
    try:
        for word in lexer:
            if set(word) <= {";", "|", "\n"} or word in ("&&", "&", ")", ">"):
                break
            words.append(word)
    except ValueError:
        raise InputError(
            "the closing quotation mark of the curl command is missing",
            file=name,
            line=line,
            hint="quote each value once",
        ) from None
    return words


def _form_value(text: str) -> str:
    """What ``--form`` sends of ``name=text``: the inner part of a quoted text, and nothing of its settings."""
    if not text.startswith('"'):
        return re.sub(r";(?:type|filename|encoder|headers)=.*", "", text, flags=re.DOTALL)
    quoted = re.match(r'"((?:\\.|[^"\\])*)"', text)
    return re.sub(r'\\(["\\])', r"\1", quoted[1]) if quoted else text


def _encoded(value: str) -> str:
    """What ``--data-urlencode`` makes of its value: ``content``, ``=content`` or ``name=content``."""
    name, equals, content = value.partition("=")
    return f"{name}={quote(content, safe='')}" if equals and name else quote(content or name, safe="")
