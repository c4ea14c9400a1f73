"""The JSON Schema of a configuration file, for editors: it describes each key and completes names."""

from __future__ import annotations

from typing import Any, get_args

import msgspec

from advisor.policy.tables import LOCKABLE, FileTable, Level, OverrideTable, RegistrationTable, SuppressTable
from advisor.policy.texts import POLICY_TEXTS
from rules.analysis.grants import GRANTS
from rules.families import RULES


def render_configuration_schema() -> str:
    """The JSON Schema of ``grantlint.toml``, for editors that check TOML."""
    schema: dict[str, Any] = msgspec.json.schema(FileTable)
    _complete_names(schema["$defs"])
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:grantlint:configuration:1",
        "title": "grantlint configuration",
    }
    return msgspec.json.format(msgspec.json.encode({**head, **schema}, order="sorted"), indent=2).decode() + "\n"


def _complete_names(defs: dict[str, Any]) -> None:
    """Add the names of rules, families and grants, which editors then complete; a name of an own rule is valid too."""
    rows = [*((rule.id, rule.family) for rule in RULES), *((text.id, text.family) for text in POLICY_TEXTS)]
    rules = sorted({rule for rule, _ in rows})
    levels = {"enum": list(get_args(Level))}
    defs["Severities"] = {
        "type": "object",
        "properties": dict.fromkeys(rules, levels),
        "additionalProperties": levels,
    }
    defs["RuleOrFamily"] = _one_of(sorted({*rules, *(family for _, family in rows)}))
    defs["Grant"] = {"enum": ["", *(grant.id for grant in GRANTS)]}
    name = {"$ref": "#/$defs/RuleOrFamily"}
    table, override, suppress = (
        defs[kind.__name__]["properties"] for kind in (FileTable, OverrideTable, SuppressTable)
    )
    for names in (table["select"], table["ignore"], override["ignore"]):
        names["items"] = name
    suppress["rule"]["anyOf"] = [name, {"type": "array", "items": name}]
    for severity in (table["severity"], override["severity"]):
        del severity["additionalProperties"]
        severity["$ref"] = "#/$defs/Severities"
    defs[RegistrationTable.__name__]["properties"]["grant"]["$ref"] = "#/$defs/Grant"
    table["ignorable"]["propertyNames"] = name
    table["lock"]["items"] = _one_of(sorted(LOCKABLE))


def _one_of(names: list[str]) -> dict[str, Any]:
    return {"anyOf": [{"enum": names}, {"type": "string"}]}
