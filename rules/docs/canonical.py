"""The canonical checks of registrations: everything that nine other tools check, and what nobody checks but should.

Each rule names the checks that it covers, so the catalogue can show ours against theirs; what no rule covers stands in
``LEFT_OUT`` with the reason. A test proves that every check is in one of the two.

The tools were read in their source in 2025 and 2026; ``peers`` are those that give a verdict, not those that show a value.
"""

from __future__ import annotations

from typing import Final

import msgspec

from rules.knowledge.table import read_table


class Check(msgspec.Struct, frozen=True):
    """One check under the id by which rules name it: what is wrong, and which other tools judge it."""

    id: str
    wrong: str
    peers: tuple[str, ...] = ()


CHECKS: Final = read_table("canonical_checks.tsv", Check)

_LOGS: Final = "needs sign-in or usage logs"

#: Checks that no rule covers, and why not.
LEFT_OUT: Final = {
    "CR-08": 'decided otherwise: long-lived-credential judges the whole life of a certificate, not its age',
    "CR-15": 'needs the public key, which exports leave out',
    "CR-16": 'needs the public key, which exports leave out',
    "CR-20": _LOGS,
    "FI-01": 'the permission is the finding, and the rules for federated credentials judge who may use it',
    "OW-06": 'needs the report on authentication methods',
    "OW-07": 'needs the accounts of owners',
    "OW-09": _LOGS,
    "PE-05": 'needs access policies of Exchange Online',
    "PE-09": _LOGS,
    "SP-06": "Azure roles stand in Azure Resource Manager, which is not read; an application that owns a registration is judged there, by application-as-owner",
    "SP-10": _LOGS,
    "SP-11": 'stands in the beta of Graph alone',
    "SP-13": "policies of claims mapping hang on each service principal singly; that an application takes them from anywhere is judged, by mapped-claims-accepted",
    "TP-14": 'stands in the beta of Graph alone',
}  # fmt: skip
