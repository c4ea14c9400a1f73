"""Say what was found in the words of what was read: the names of a file, or the labels of the portal for a tenant."""

from __future__ import annotations

from functools import partial
from typing import Final

import msgspec

from advisor.sources.reading.builder import Reading
from advisor.sources.reading.legacy import OLD_MANIFEST
from reports.rows import FindingRow
from rules.docs.own_words import in_file, in_portal
from rules.knowledge.property_names import PropertyName, path_of
from rules.primitives.pointers import dotted

#: How the name of a resource of Terraform's provider begins.
_RESOURCE: Final = "azuread_"


def in_own_words(finding: FindingRow, fix: str, reading: Reading) -> FindingRow:
    """*finding* with its message, and the *fix* of its rule where that differs, in the words of what was read."""
    said = _say(fix, finding, reading)
    message = _say(finding.message, finding, reading)
    if said == fix and message == finding.message:
        return finding
    return msgspec.structs.replace(finding, message=message, fix="" if said == fix else said)


def _say(text: str, finding: FindingRow, reading: Reading) -> str:
    key = finding.registration
    if not reading.file_format(key):
        return in_portal(text, path_of(finding.pointer.removeprefix("/application")))
    if reading.speaks_graph(key):
        return text
    return in_file(text, finding.pointer, partial(_name, reading, key))


def _name(reading: Reading, key: str, row: PropertyName, pointer: str) -> str:
    """What the file of *key* calls the property of a *row*, at *pointer* in the registration; empty for Graph's name.

    The name is without that of a resource: a report shows the place of a finding too.
    """
    spelled, graph = reading.spell(key, pointer), row.path
    if dotted(pointer) != row.path:  # in an element of a list, which has a resource of its own in Terraform
        spelled, graph = spelled.rpartition(".")[2], graph.rpartition(".")[2]
    elif spelled.startswith(_RESOURCE):
        spelled = spelled.partition(".")[0]
    if reading.file_format(key) == OLD_MANIFEST and spelled.endswith(graph.rpartition(".")[2]):
        return row.manifest  # the file does not have the property
    return "" if spelled == graph else spelled
