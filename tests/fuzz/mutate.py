"""Change a text as its structure allows: JSON by its values, other texts by their tokens, both by their bytes."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from random import Random
from typing import Any, Final

#: In bytes: time is promised for inputs up to this size.
LONGEST: Final = 50_000
_TOKEN: Final = re.compile(r"\w+|\s+|[^\w\s]")
#: Values that readers take for what they are not, and limits of types.
_VALUES: Final = (
    None, True, False, 0, -1, 2**31, 2**63, 10**30, 1e308, -0.0, "", " ", "\0", "null", "x" * 5000, "\ud7ff\ue000",
    "\u202e", "\x1b]0;t\x07", "https://xn--/", "https://[::1", "http://a:99999/", "//", "${{X}}", "[parameters('x')]",
    "[", "{{#a}}", "%00", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "P99999999999D",
    "0001-01-01T00:00:00+23:59", "=1+1", "<script>", [], {}, [[]], [None], [{}], {"": None}, {"value": []},
    {"a": {"b": {"c": []}}},
)  # fmt: skip
_WORDS: Final = (
    "{", "}", "[", "]", "(", ")", '"', "'", "'''", "\\", "${", "%{", "<<EOT\n", "/*", "*/", "//", "#", "@secure()",
    "&a", "*a", "<<: *a", "---\n", "\t", "\r", "\n", ":", "=", "==", "=>", "?", "!", "for", "if", "in", "null",
    "true", "existing", "[*]", ".*", "...", "copy", "%0d%0a", "%", "&", "=%", "\ufeff", "\u2028", "\0", "{{", "}}",
    "9" * 40, "1e999", "a" * 300, "-" * 300,
)  # fmt: skip


def mutated(random: Random, data: bytes, others: list[bytes]) -> bytes:
    """*data* with one change or a few; *others* are texts from which pieces may come."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        data = random.choice((_json, _json, _json, _tokens, _tokens, _bytes))(random, data, others)
    return data[:LONGEST]


def _json(random: Random, data: bytes, others: list[bytes]) -> bytes:
    try:
        root = [json.loads(data)]
        parts = [root]
        for part in parts:  # it grows
            parts += [
                one for one in (part.values() if isinstance(part, dict) else part) if isinstance(one, dict | list)
            ]
    except (ValueError, RecursionError):
        return _tokens(random, data, others)
    part = random.choice([one for one in parts if one])
    key = random.choice([*part] if isinstance(part, dict) else [*range(len(part))])
    random.choice(_CHANGES)(random, part, key, parts)
    style: dict[str, Any] = random.choice(({}, {}, {"indent": 1}, {"separators": (",", ":")}, {"ensure_ascii": False}))
    try:
        return json.dumps(root[0] if root else None, **style).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):  # a part was put into itself
        return data


def _replace(random: Random, part: Any, key: Any, _: list[Any]) -> None:
    part[key] = copy.deepcopy(random.choice(_VALUES))


def _remove(_: Random, part: Any, key: Any, __: list[Any]) -> None:
    del part[key]


def _move(random: Random, part: Any, key: Any, parts: list[Any]) -> None:
    part[key] = json.loads(json.dumps(random.choice(parts)))


def _rename(random: Random, part: Any, key: Any, parts: list[Any]) -> None:
    if isinstance(part, dict):
        names = [name for one in parts if isinstance(one, dict) for name in one]
        part[random.choice((random.choice(names), key.upper(), key + "\0", "", key[::-1]))] = part.pop(key)


def _nest(random: Random, part: Any, key: Any, _: list[Any]) -> None:
    for _ in range(random.choice((1, 2, 60, 400))):
        part[key] = [part[key]] if random.random() < 0.5 else {"value": part[key]}


def _repeat(random: Random, part: Any, key: Any, _: list[Any]) -> None:
    value = part[key]
    many = random.choice((2, 20, 400))
    if isinstance(part, list):
        part[key:key] = [value] * many
    elif isinstance(value, list | str):
        part[key] = (value * many)[:50_000]


def _edit(random: Random, part: Any, key: Any, _: list[Any]) -> None:
    if isinstance(part[key], str):
        part[key] = _tokens(random, part[key].encode("utf-8", "replace"), []).decode("utf-8", "replace")


_CHANGES: Final[tuple[Callable[[Random, Any, Any, list[Any]], None], ...]] = (
    _replace, _replace, _remove, _move, _rename, _nest, _repeat, _edit, _edit,
)  # fmt: skip


def _tokens(random: Random, data: bytes, others: list[bytes]) -> bytes:
    tokens = _TOKEN.findall(data.decode("utf-8", "replace")) or [""]
    at, end = sorted((random.randrange(len(tokens)), random.randrange(len(tokens))))
    end = min(end, at + random.choice((1, 3, 40)))
    match random.randrange(6):
        case 0:
            del tokens[at:end]
        case 1:
            tokens[at:at] = tokens[at:end] * random.choice((1, 2, 30))
        case 2:
            tokens[at] = random.choice(_WORDS)
        case 3:
            tokens.insert(at, random.choice(_WORDS) * random.choice((1, 1, 2, 100)))
        case 4:
            tokens[at], tokens[end - 1] = tokens[end - 1], tokens[at]
        case _:
            other = _TOKEN.findall(random.choice(others).decode("utf-8", "replace")) if others else []
            start = random.randrange(len(other)) if other else 0
            tokens[at:at] = other[start : start + 40]
    return "".join(tokens).encode("utf-8", "replace")


def _bytes(random: Random, data: bytes, _: list[bytes]) -> bytes:
    at = random.randrange(len(data) + 1)
    match random.randrange(6):
        case 0:
            return data[:at]
        case 1:
            return data[at:]
        case 2:
            return data[:at] + bytes((random.randrange(256),)) + data[at + 1 :]
        case 3:
            return data[:at] + data[at : at + 50] * 3 + data[at + 50 :]
        case 4:
            return data.decode("utf-8", "replace").encode(random.choice(("utf-16", "utf-8-sig", "utf-16-be", "utf-32")))
        case _:
            return data[:at] + bytes(random.choices((0x00, 0x80, 0xC0, 0xF5, 0xFF, 0x0A, 0x22, 0x5C), k=4)) + data[at:]
