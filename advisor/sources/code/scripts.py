"""Commands in scripts that create or change a registration. They are named with their lines: what a script does is
known only when it runs.

Sources: Azure CLI, "az ad app" and "az ad sp"; Microsoft Graph PowerShell, "Applications"; Az PowerShell,
"Az.Resources"; Microsoft Entra PowerShell, "Applications"; PnP PowerShell, "Register-PnPEntraIDApp"; CLI for Microsoft
365, "entra app"; Ansible, "azure.azcollection.azure_rm_adapplication".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from advisor.errors import InputError
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.document import Document
from advisor.sources.reading.reference import Command
from advisor.sources.reading.text import decode
from reports.rows import Input

#: A file with such a command has one of these.
WORDS: Final = (b"az ad ", b"-mg", b"-azad", b"-entra", b"-azuread", b"-pnp", b"m365 entra app", b"azure_rm_ad")
_COMMAND: Final = re.compile(
    r"\baz[ \t]+ad[ \t]+(?:app[ \t]+(?:create|update|credential[ \t]+reset|federated-credential[ \t]+(?:create|update)"
    r"|permission[ \t]+(?:add|grant|admin-consent)|owner[ \t]+add)"
    r"|sp[ \t]+(?:create-for-rbac|credential[ \t]+reset))\b"
    r"|\b(?:New|Update|Set|Add)-(?:Mg|MgBeta|AzAD|Entra|EntraBeta|AzureAD|AzureADMS)"
    r"App(?:lication)?(?:(?-i:[A-Z])\w*|\b)"
    r"|\bRegister-PnP(?:AzureAD|EntraID)App(?:(?-i:[A-Z])\w*|\b)"
    r"|\bazure_rm_ad(?:application|password)\b(?=[ \t]*:)"
    r"|\bm365[ \t]+entra[ \t]+app[ \t]+(?:add|set|permission[ \t]+add|role[ \t]+add)\b",
    re.IGNORECASE,
)
_COMMENT: Final = re.compile(r"[ \t]*(?:#|//|::|rem\b)", re.IGNORECASE)


def commands(text: str, file: str) -> Iterator[Command]:
    """The commands of a text that create or change a registration, outside of comments."""
    line, counted_to = 1, 0
    for match in _matches(text):
        line += text.count("\n", counted_to, match.start())
        counted_to = match.start()
        yield Command(file, line, " ".join(match[0].split()))


def _matches(text: str) -> Iterator[re.Match[str]]:
    """The commands outside of comments. No text is looked through twice, however many commands it has."""
    line_start, seen_to = 0, 0
    for match in _COMMAND.finditer(text):
        line_start = max(line_start, text.rfind("\n", seen_to, match.start()) + 1)
        seen_to = match.start()
        if not _COMMENT.match(text, line_start, match.start()):
            yield match


def note_commands(builder: Builder, file: str, text: str) -> None:
    """Note the commands in a text that is read for something else, such as a template with a deployment script."""
    builder.scripts += commands(text, file)


def read_script(builder: Builder, file: str, data: bytes, *, is_named: bool) -> None:
    """Note which commands of a script create or change a registration, and in preview add their literal values.

    Raises ``InputError`` when there is none, and for a file that the user named, if the file is not checked.
    """
    text = decode(data, file)
    found = list(commands(text, file))
    if not found:
        raise InputError("creates no app registration", file=file, hint="name the files that declare one")
    count = _add_literals(builder, file, text) if builder.is_preview else 0
    if not count and is_named:
        what = f"creates or changes a registration with a script ({found[0].name}), which is not read"
        hint = "--preview checks its literal values; or run it, and lint the output of az ad app show"
        raise InputError(what, file=file, line=found[0].line, hint=hint)
    builder.scripts += [msgspec.structs.replace(one, is_read=count > 0) for one in found]
    if count:
        builder.inputs.append(Input(name=file, format="script", status="read", registrations=count))


def _add_literals(builder: Builder, file: str, text: str) -> int:
    from advisor.sources.code.script_values import add_literals

    builder.secrets.learn(text)
    document = Document(file, text, text)
    return sum(add_literals(builder, document, " ".join(one[0].split()), one.end()) for one in _matches(text))
