r"""Make foreign text safe to look at: one function per danger.

Every name, address and path in a report is untrusted. ``visible`` is for everything that is shown;
the other functions take what ``visible`` made and add what one kind of reader needs beyond it. HTML is escaped by its
template engine.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

#: What is shown of a text without another limit, in characters.
SHOWN: Final = 2000

#: What is shown of a name, in characters.
NAME_SHOWN: Final = 120

_HIDDEN: Final = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # controls: terminal sequences, line feeds that forge lines
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen, joiners and fillers without a glyph
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero width, line separators, bidirectional overrides and isolates
    "\xa0\u1680\u2000-\u200a\u202f\u205f"  # spaces that look like the common one
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # format controls of rare scripts
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\uffff\ufdd0-\ufdef"  # blanks, variation selectors, noncharacters
    "\ud800-\udfff"  # lone surrogates, which no UTF-8 file can hold
    "\ue000-\uf8ff"  # private use: whatever a font likes
    "\U000e0000-\U0010ffff"  # tags, more selectors, more private use
    "]"
)
_WORD: Final = re.compile(r"[^\W\d_]+")
#: Alphabets with letters that look like Latin ones.
_LOOKALIKE: Final = ("CYRILLIC ", "GREEK ", "ARMENIAN ", "CHEROKEE ", "COPTIC ", "LISU ", "FULLWIDTH LATIN ")
_NAMED: Final = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_FORMULA: Final = frozenset("=+-@\t\r\n|%＝＋－＠")
_PLACEHOLDER: Final = re.compile(r"\{\d+\}")
_COMMAND: Final = re.compile(r"(?m)(^(?:\s|\x1b\[[0-9;]*m|\x1b\]8;;[^\x1b]*\x1b\\)*)(::)|(##)(?=\[|vso\[)")
_AZURE_COMMAND: Final = re.compile(r"##(?=\[|vso\[)", re.IGNORECASE)
#: What is markup anywhere in a line, and what is so at its beginning alone.
_MARKDOWN: Final = re.compile(r"[\\`*_\[\]|~$]|^[-+#=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")
#: What GitHub and GitLab turn into links: addresses, mentions, numbers of issues and merge requests.
_ADDRESS: Final = re.compile(r"@|:(?=//)|\bwww(?=\.)|#(?=\d)|\bGH(?=-\d)|!(?=\d)", re.IGNORECASE)
_TICKS: Final = re.compile("`+")


def visible(text: str, limit: int = SHOWN) -> str:
    r"""*text* on one line with everything visible, in at most *limit* characters.

    Controls, bidirectional overrides, zero-width characters, lone surrogates and private use become ``\x1b``,
    ``\u202e``, ``\U000e0041``; so does a text of nothing but spaces, and a letter of another alphabet in the midst of
    Latin ones (``p\u0430ypal``). What was cut is announced with the full length. What comes out comes out unchanged
    again.
    """
    shown = text if len(text) <= limit else text[:limit]
    if shown.isspace():
        shown = "".join(_escape(character) for character in shown)
    elif not shown.isascii() or not shown.isprintable():
        shown = _HIDDEN.sub(lambda match: _escape(match[0]), shown)
        shown = _WORD.sub(_without_lookalikes, shown)
    if len(text) <= limit and len(shown) <= limit:
        return shown
    note = f"… (cut; {len(text):,} characters in all)"
    return shown[: max(limit - len(note), 0)] + note


def visible_line(text: str) -> str:
    """A line of source as it is shown: its indentation stays, with two spaces for a tab; the rest is made visible."""
    rest = text.lstrip(" \t")
    indent = text[: len(text) - len(rest)].replace("\t", "  ")
    return indent + visible(rest) if rest else indent


def visible_name(name: str) -> str:
    """The name of a registration or client, or words in its place when there is none."""
    return visible(name, NAME_SHOWN) if name else "(no name)"


def visible_host(host: str) -> str:
    """A host name as users see it, with the spelling that is sent if the two differ."""
    shown = visible(host, NAME_SHOWN)
    try:
        ascii_ = host.encode("idna").decode()
        other = ascii_ if not host.isascii() else host.encode().decode("idna")
    except UnicodeError:
        return shown
    return shown if other == host else f"{shown} ({visible(other, NAME_SHOWN)})"


def cell(text: str) -> str:
    """A visible text as a spreadsheet cell that is never a formula (OWASP, "CSV Injection")."""
    return f"'{text}" if text[:1] in _FORMULA else text


def markup(text: str) -> str:
    """A visible text inside XML, as element or attribute."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def sarif_message(text: str) -> str:
    """A visible text as a SARIF message: no embedded link (SARIF 2.1.0, 3.11.6) and no placeholder (3.11.5)."""
    if "](" in text:
        text = text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return text.replace("{", "{{").replace("}", "}}") if _PLACEHOLDER.search(text) else text


def github_data(text: str) -> str:
    """A visible text as the message of a workflow command (the alphabet of ``escapeData`` in actions/toolkit)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def github_property(text: str) -> str:
    """A visible text as a property of a workflow command (``escapeProperty`` in actions/toolkit)."""
    return github_data(text).replace(":", "%3A").replace(",", "%2C")


def azure_message(text: str) -> str:
    """A visible text as the message of an Azure Pipelines logging command, without a further command inside it."""
    return _AZURE_COMMAND.sub("#\\#", _azure_data(text))


def azure_property(text: str) -> str:
    """A visible text as a property of an Azure Pipelines logging command."""
    return _azure_data(text).replace(";", "%3B").replace("]", "%5D")


def _azure_data(text: str) -> str:
    return text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def log_lines(text: str) -> str:
    """Lines of a log in which no pipeline sees a command: ``::`` at a line's beginning, ``##[`` and ``##vso[``
    anywhere.
    """
    return _COMMAND.sub(lambda match: "#\\#" if match[3] else f"{match[1]}:\\:", text)


def markdown(text: str) -> str:
    """A visible text as Markdown that shows exactly that text: no markup, no HTML, no link, no mention, no
    reference.
    """
    text = _MARKDOWN.sub(r"\\\g<0>", text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
    return _ADDRESS.sub(lambda match: match[0] + "<!-- -->", text)


def markdown_code(text: str) -> str:
    """A visible text as a code span, also inside a table; in it nothing is mentioned or linked."""
    longest = max((len(ticks) for ticks in _TICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if not text or text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{pad}{text}{pad}{fence}".replace("|", "\\|")


def markdown_fence(lines: Iterable[str], language: str = "") -> str:
    """Visible lines as a block of code; no line of theirs can end it."""
    text = "\n".join(lines)
    fence = "`" * max(3, 1 + max((len(ticks) for ticks in _TICKS.findall(text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"


def mermaid(text: str) -> str:
    """A text of Mermaid, in quotation marks or in a message: no entity, separator, quotation mark, tag or line end."""
    entities = {"#": "#35;", ";": "#59;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "\n": " "}
    return "".join(entities.get(character, character) for character in text)


def file_uri(path: str) -> str:
    """A path as the user named it as a URI reference: relative stays relative, ``\\`` counts as ``/``."""
    slashed = path.replace("\\", "/")
    while slashed.startswith("./"):
        slashed = slashed[2:].lstrip("/")
    if re.match(r"[A-Za-z]:/", slashed):
        return f"file:///{quote(slashed, safe='/:', errors='replace')}"
    encoded = quote(slashed, safe="/", errors="replace")
    return f"file:///{encoded.lstrip('/')}" if slashed.startswith("/") else encoded


def address(url: str) -> str:
    """A web address as a reader follows it: whatever is in no URI (RFC 3986, section 2) is percent-encoded."""
    return quote(url, safe=":/?#[]@!$&'()*+,;=%", errors="replace")


def _without_lookalikes(match: re.Match[str]) -> str:
    """A word that mixes Latin letters with letters that look like them, the latter escaped."""
    word = match[0]
    if word.isascii():
        return word
    names = [unicodedata.name(character, "") for character in word]
    if not any(name.startswith("LATIN ") for name in names):
        return word
    return "".join(
        _escape(character) if name.startswith(_LOOKALIKE) else character
        for character, name in zip(word, names, strict=True)
    )


def _escape(character: str) -> str:
    code = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
