"""How values are written in each language: read a literal, write one, and name a member of an object.

Sources: RFC 8259; HashiCorp, "HCL Native Syntax Specification" and "JSON Configuration Syntax"; Microsoft, "Bicep data
types" and "Syntax and expressions in Azure Resource Manager templates"; YAML 1.2.2, sections 5 and 7.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

#: What a literal says that cannot be a plain text: it is an expression, or is not a literal at all.
_TEMPLATE: Final = re.compile(r"[$%]\{")
_EMPTY_LIST: Final = re.compile(r"\[\s*\]")
_NUMBER: Final = re.compile(r"-?\d+")
_WORDS: Final = {"true": True, "false": False, "null": None}
_BICEP_ESCAPE: Final = re.compile(r"\\(?:u\{([0-9A-Fa-f]+)\}|(.))", re.DOTALL)
_BICEP_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", "'": "'", "\\": "\\", "$": "$"}
_BICEP_TEXT: Final = re.compile(r"'(?:[^'\\\n]|\\.)*'")
#: A text that YAML reads as a text without quotation marks, whatever its version: an ordinary URL, among others.
_PLAIN_YAML: Final = re.compile(r"[A-Za-z][\w.~/+=?&%-]*(?::(?:[\w.~/+=?&%-]+))*")
_YAML_WORDS: Final = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))


class Syntax(msgspec.Struct, frozen=True, kw_only=True):
    """A language. ``read`` returns the value of a literal, and raises ``ValueError`` for an expression.

    ``write`` is its opposite for a text, number, boolean or null; ``member`` writes a name before a value. ``comment``
    matches a comment, ``between`` is what separates members on one line, and ``ends_lines`` says that a line feed
    separates them too.
    """

    comment: re.Pattern[str]
    read: Callable[[str], Any]
    write: Callable[[Any], str]
    member: Callable[[str], str]
    between: str = ", "
    ends_lines: bool = False

    def like(self, literal: str) -> Syntax:
        """The same language, with the quotation marks of a *literal*, of which YAML has three kinds."""
        if self.write is not _write_yaml or literal[:1] not in ("'", '"'):
            return self
        return msgspec.structs.replace(self, write=_write_json if literal[0] == '"' else _write_single)

    def blanked(self, text: str) -> str:
        """*text*, which contains no literal, with spaces in place of its comments."""
        return self.comment.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)

    def render(self, value: Any, margin: str, unit: str, newline: str) -> str:
        """*value* as a literal that begins in a line with the indentation *margin*; without a *unit*, on one line."""
        if not isinstance(value, dict | list) or not value:
            return "[]" if value == [] else "{}" if value == {} else self.write(value)
        inner = f"{newline}{margin}{unit}" if unit else ""
        last = f"{newline}{margin}" if unit else ""
        parts = (
            [f"{self.member(key)}{self.render(part, margin + unit, unit, newline)}" for key, part in value.items()]
            if isinstance(value, dict)
            else [self.render(part, margin + unit, unit, newline) for part in value]
        )
        joined = ("" if self.ends_lines else ",") + inner if unit else self.between
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        return f"{opening}{inner}{joined.join(parts)}{last}{closing}"


def _read_json(text: str) -> Any:
    return json.loads(text, strict=False)


def _write_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _read_arm(text: str) -> Any:
    """A text in brackets is an expression, unless the first bracket is doubled."""
    value = _read_json(text)
    if isinstance(value, str) and value.startswith("[") and value.endswith("]"):
        if not value.startswith("[["):
            raise ValueError("an expression")
        return value[1:]
    return value


def _write_arm(value: Any) -> str:
    return _write_json(f"[{value}" if isinstance(value, str) and value.startswith("[") else value)


def _read_terraform_json(text: str) -> Any:
    value = _read_json(text)
    if isinstance(value, str) and _TEMPLATE.search(value):
        raise ValueError("an expression")
    return value


def _write_terraform_json(value: Any) -> str:
    return _write_json(_TEMPLATE.sub(lambda match: match[0][0] + match[0], value) if isinstance(value, str) else value)


def _word(text: str) -> Any:
    """A number, a boolean, null or an empty list, which languages write alike."""
    if text in _WORDS:
        return _WORDS[text]
    if _EMPTY_LIST.fullmatch(text):
        return []
    if _NUMBER.fullmatch(text):
        return int(text)
    raise ValueError("an expression")


def _read_hcl(text: str) -> Any:
    if not text.startswith('"'):
        return _word(text)
    if _TEMPLATE.search(text) or re.search(r"\\U", text):
        raise ValueError("an expression")
    return json.loads(text)


def _write_hcl(value: Any) -> str:
    return _write_terraform_json(value)


def _read_bicep(text: str) -> Any:
    if not text.startswith("'"):
        return _word(text)
    if not _BICEP_TEXT.fullmatch(text) or text.startswith("'''") or re.search(r"(?<!\\)(?:\\\\)*\$\{", text):
        raise ValueError("an expression")
    return _BICEP_ESCAPE.sub(
        lambda match: chr(int(match[1], 16)) if match[1] else _BICEP_ESCAPED.get(match[2], match[0]), text[1:-1]
    )


def _write_bicep(value: Any) -> str:
    if not isinstance(value, str):
        return _write_json(value)
    text = value.replace("\\", "\\\\").replace("'", "\\'").replace("${", "\\${")
    return "'" + text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + "'"


def _read_yaml(text: str) -> Any:
    import yaml

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise ValueError("not YAML") from error
    if isinstance(node, yaml.SequenceNode) and not node.value:
        return []
    if not isinstance(node, yaml.ScalarNode) or text.startswith(("|", ">", "&", "*", "!")):
        raise ValueError("not a plain value")
    return yaml.safe_load(text)


def _write_yaml(value: Any) -> str:
    is_plain = isinstance(value, str) and _PLAIN_YAML.fullmatch(value) and value.lower() not in _YAML_WORDS
    return value if is_plain else _write_json(value)


def _write_single(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable():
        return _write_json(value)
    return "'" + value.replace("'", "''") + "'"


_SLASHES: Final = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_HASHES: Final = re.compile(r"#[^\n]*|//[^\n]*|/\*.*?\*/", re.DOTALL)


def _quoted(name: str) -> str:
    return f"{_write_json(name)}: "


JSON: Final = Syntax(comment=_SLASHES, read=_read_json, write=_write_json, member=_quoted)
ARM: Final = msgspec.structs.replace(JSON, read=_read_arm, write=_write_arm)
TERRAFORM_JSON: Final = msgspec.structs.replace(JSON, read=_read_terraform_json, write=_write_terraform_json)
HCL: Final = Syntax(comment=_HASHES, read=_read_hcl, write=_write_hcl, member=lambda name: f"{name} = ")
BICEP: Final = Syntax(
    comment=_HASHES, read=_read_bicep, write=_write_bicep, member=lambda name: f"{name}: ", ends_lines=True
)
YAML: Final = Syntax(
    comment=re.compile(r"#[^\n]*"), read=_read_yaml, write=_write_yaml, member=lambda name: f"{name}: "
)
