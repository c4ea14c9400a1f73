"""Texts about a rule that its page in the terminal and the catalog share. Pure functions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from rules.analysis.dns import DnsAnswer
from rules.engine.rule import Rule
from rules.model.finding import SEVERITIES
from rules.model.usage import Usage

#: Columns of a terminal.
WIDTH: Final = 80

#: The text about a rule that needs DNS answers.
NEEDS_DNS: Final = "The rule checks DNS records, and needs lint --resolve-hosts."


#: The text about a rule that needs evidence of use.
NEEDS_USAGE: Final = "The rule checks sign-in logs, and needs lint --usage."


def severities(rule: Rule) -> str:
    """The severity of *rule*, and the others that a hit of it may have."""
    others = ", ".join(severity for severity in SEVERITIES if severity in rule.may_be)
    return f"{rule.severity} (may be {others})" if others else rule.severity


def status_words(rule: Rule) -> str:
    """The status of *rule* after a comma; empty for a stable one."""
    return "" if rule.status == "stable" else f", {rule.status}"


def lint_again(rule: Rule) -> str:
    """The command that checks *rule* again."""
    tenant = rule.on in ("service principal", "tenant")
    dns = " --resolve-hosts" if rule.needs_dns else ""
    usage = " --usage FILE" if rule.needs_usage else ""
    return f"grantlint lint {'--tenant TENANT' if tenant else 'PATH'} --select {rule.id}{dns}{usage}"


def literal(value: Any) -> str:
    """A value as TOML writes it."""
    return json.dumps(list(value) if isinstance(value, tuple) else value)


def dns_text(facts: DnsAnswer) -> str:
    """The DNS answer for a name, as the end of a sentence that begins with the name."""
    leads = "".join(f"leads to {name}, which " for name in facts.chain)
    words = {"exists": "exists", "missing": "does not exist", "no-address": "has no address", "failed": "is not known"}
    return f"{leads}{words[facts.state]}"


def usage_texts(usage: Usage | None) -> Iterator[str]:
    """The sign-ins of an example, a text each."""
    for use in usage.uses if usage else ():
        of = {"protocol": use.protocol, "credential": use.credential_id, "API": use.resource_id}
        words = ", ".join(f"{name} {value}" for name, value in of.items() if value)
        result = " (failed)" if use.result == "failure" else ""
        yield f"{use.count} of {use.kind}, last on {use.last}{result}{f': {words}' if words else ''}"


def json_text(value: Any) -> str:
    """JSON with short lists and objects on one line, long lists cut."""
    return _pretty(_cut(value), "")


def _pretty(value: Any, indent: str, before: str = "") -> str:
    """*value* as JSON, on one line where it fits after *before*."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(before) + len(flat) < WIDTH - 3 or not isinstance(value, dict | list) or not value:
        return flat
    inner = indent + "  "
    if isinstance(value, dict):
        names = {f"{json.dumps(name)}: ": part for name, part in value.items()}
        lines = [f"{inner}{name}{_pretty(part, inner, name)}" for name, part in names.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    return "[\n" + ",\n".join(f"{inner}{_pretty(part, inner)}" for part in value) + f"\n{indent}]"


def _cut(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _cut(part) for name, part in value.items()}
    if isinstance(value, list):
        shown = [_cut(part) for part in value[:4]]
        return [*shown[:3], f"... {len(value)} in all"] if len(value) > 4 else shown
    if isinstance(value, str) and len(value) > 60:
        return f"{value[:32]}... ({len(value)} characters)"
    return value
