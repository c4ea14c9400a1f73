"""What readers of a plan make of it: a shell that is run, and readers of PowerShell and of HTTP files written from
their rules.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

#: Says of everything that it reads that it is what the report read.
_STUB = """\
#!/bin/sh
printf '%s\\0' "$#" "$@" >> "$CALLS"
case "$*" in *--query*) echo 'read null' ;; esac
"""


def run_shell(script: str, folder: Path) -> tuple[list[list[str]], subprocess.CompletedProcess[bytes]]:
    """The argument lists with which *script* calls ``az``, when only a stub of it and what a plan uses can be found;
    and how it ended.
    """
    tools = folder / "bin"
    tools.mkdir(exist_ok=True)
    stub = tools / "az"
    if not stub.exists():
        stub.write_text(_STUB)
        stub.chmod(0o755)
        for name in ("date", "sed"):
            (tools / name).symlink_to(str(shutil.which(name)))
    empty = folder / "empty"
    empty.mkdir(exist_ok=True)
    file, calls = folder / "plan.sh", folder / "calls"
    file.write_text(script, "utf-8")
    calls.write_bytes(b"")
    ended = subprocess.run(
        ["/bin/sh", str(file)],
        cwd=empty,
        env={"PATH": str(tools), "CALLS": str(calls)},
        capture_output=True,
        check=False,
    )
    for left in empty.iterdir():
        assert left.name.startswith("grantlint-undo-")
        left.unlink()
    words = calls.read_bytes().decode().split("\0")[:-1]
    found = []
    while words:
        count = int(words[0])
        found.append(words[1 : count + 1])
        words = words[count + 1 :]
    return found, ended


#: What PowerShell takes for a single quote (about_Quoting_Rules; the specification's single-quote-character).
_QUOTES = "'\u2018\u2019\u201a\u201b"


def powershell_tokens(text: str) -> list[tuple[str, str]]:
    """Comments, strings and everything else of a PowerShell script (language specification, 2.2.3 and 2.3.5.2)."""
    tokens: list[tuple[str, str]] = []
    at, plain = 0, ""
    while at < len(text):
        if text.startswith("<#", at):
            end = text.index("#>", at) + 2
            kind, value = "comment", text[at:end]
        elif text[at] == "#" and (not plain or plain[-1] in " \t\r\n;{}()|&"):
            end = min((place for sign in "\r\n" if (place := text.find(sign, at)) >= 0), default=len(text))
            kind, value = "comment", text[at:end]
        elif text[at] in _QUOTES:
            end, value = at + 1, ""
            while text[end] not in _QUOTES or (end + 1 < len(text) and text[end + 1] in _QUOTES):
                value += text[end]
                end += 2 if text[end] in _QUOTES else 1
            kind, end = "string", end + 1
        elif text[at] in '"\u201c\u201d\u201e':
            end = at + 1
            while text[end] not in '"\u201c\u201d\u201e':
                end += 2 if text[end] == "`" else 1
            kind, value, end = "expandable", text[at + 1 : end], end + 1
        else:
            plain += text[at]
            at += 1
            continue
        if plain:
            tokens.append(("plain", plain))
            plain = ""
        tokens.append((kind, value))
        at = end
    return [*tokens, ("plain", plain)] if plain else tokens


def http_requests(text: str) -> list[tuple[str, str, Any]]:
    """Method, address and JSON of each request of an HTTP file (REST Client for Visual Studio Code, "Usage")."""
    found = []
    for part in re.split(r"(?m)^#{3,}.*$", text):
        lines = part.split("\n")
        assert not [line for line in lines if re.match(r"\s*(#|//)\s*@", line)]
        kept = [line for line in lines if not re.match(r"(#|//)", line)]
        while kept and not kept[0].strip():
            kept.pop(0)
        if not kept:
            continue
        method, _, url = kept[0].partition(" ")
        head, _, body = "\n".join(kept[1:]).partition("\n\n")
        assert set(re.findall(r"\{\{.*?\}\}", part)) <= {"{{token}}"}
        assert "Authorization: Bearer {{token}}" in head.split("\n")
        assert not re.search(r"(?m)^<", body)
        found.append((method, url, json.loads(body) if body.strip() else None))
    return found
