"""SARIF 2.1.0, written for what GitHub code scanning accepts and shows.

Sources: the standard, and GitHub's "SARIF support for code scanning". GitHub refuses a whole file in which one result
has no physical location, takes severities from rules alone and shows 5,000 results of a run. So a finding without a
file is attached to ``Report.anchor``, a rule that fired with another severity than its own stands twice, and the worst
5,000 results are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import inf
from typing import Any, Final

import msgspec

from reports.age import is_from_tenant, read_at
from reports.escape import NAME_SHOWN, address, file_uri, markdown, sarif_message, visible
from reports.formats import Format
from reports.report import Report
from reports.rows import FileEdit, FindingRow, RegistrationRow, Replacement, RuleText
from reports.tables import new_first, stable_prints
from reports.trend import gone_lines
from reports.wording import (
    ANCHOR,
    accepted_words,
    names_of,
    notices,
    property_of,
    related,
    sentence,
    value_of,
)
from rules.knowledge.reference import Reference
from rules.primitives.texts import counted

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

#: GitHub keeps this many results of a run (its page "SARIF results exceed one or more limits").
RESULTS: Final = 5_000

#: GitHub calls a rule critical over 9.0, high from 7.0, medium from 4.0; what has no number is a note.
_SCORE: Final = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.5"}
_LEVEL: Final = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
#: Where the release workflow publishes.
_HOME: Final = "https://pypi.org/project/grantlint/"
_NOTIFICATIONS: Final = {
    "input-not-usable": "An input could not be used.",
    "input-not-read": "An input was not read.",
    "policy-change": "The policy changes, without effect before the merge.",
    "input-read-in-part": "An input was read in part.",
    "old-reading": "A tenant was read long ago.",
    "not-assessed": "Rules could not check what was not read.",
    "note": "Files and objects that were checked or left out.",
    "gone": "A finding of an earlier report that is gone, or that was not checked again.",
    "results-left-out": "More results than a reader of this file takes.",
}
_BASE: Final = "%SRCROOT%"


def render_sarif(report: Report) -> str:
    """The report as a SARIF log of one run, ending in a line feed."""
    findings = new_first(report.findings)
    kept = findings[:RESULTS]
    rules = _rules(report, kept)
    places = {rule["id"]: place for place, rule in enumerate(rules)}
    known = any(finding.state == "known" for finding in findings)
    rows = {row.key: row for row in report.registrations}
    severities = {rule.id: rule.severity for rule in report.rules}
    names, seen, print_of = names_of(report), Counter[str](), stable_prints(report.findings)
    run = {
        "tool": {
            "driver": {
                "name": report.tool.name,
                "version": report.tool.version,
                "informationUri": _HOME,
                "semanticVersion": report.tool.version,
                "rules": rules,
                "notifications": [
                    {"id": id_, "shortDescription": {"text": text}} for id_, text in _NOTIFICATIONS.items()
                ],
            }
        },
        "automationDetails": {"id": f"grantlint/{_segment(report.part)}/" if report.part else "grantlint/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report, len(findings) - len(kept))],
        "results": [
            _result(finding, report, rows, names, severities, places, seen, print_of(finding), compared=known)
            for finding in kept
        ],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(log), indent=1).decode() + "\n"


FORMAT = Format(
    "sarif",
    (".sarif", ".sarif.json"),
    "SARIF 2.1.0, for code scanning",
    render_sarif,
    of_repository=True,
    edits_up_to=inf,
)


def _segment(part: str) -> str:
    """The owner or registration of a split report as one segment of a category."""
    return visible(part, NAME_SHOWN).replace("/", "-")


def _rules(report: Report, findings: Iterable[FindingRow]) -> list[dict[str, Any]]:
    """Every rule that ran, and again with each other severity that it was found with; rules without a text last."""
    texts = {rule.id: rule for rule in report.rules}
    fired = {(finding.rule, finding.severity): None for finding in findings}
    rows = [_rule(rule, rule.id, rule.severity) for rule in report.rules]
    for id_, severity in fired:
        text = texts.get(id_)
        if text is None:
            empty = RuleText(id=id_, title=id_, why="", fix="", family="", severity=severity, references=())
            rows.append(_rule(empty, id_, severity))
            texts[id_] = empty
        elif severity != text.severity:
            rows.append(_rule(text, id_, severity, f"/{severity}"))
    return rows


def _source(reference: Reference) -> str:
    when = f" ({reference.when})" if reference.when else ""
    why = f": {reference.supports}" if reference.supports else ""
    return f"- [{markdown(visible(reference.label))}](<{address(reference.url)}>){markdown(visible(when + why))}"


def _rule(rule: RuleText, id_: str, severity: str, suffix: str = "") -> dict[str, Any]:
    title, why, fix = visible(rule.title), visible(rule.why), visible(rule.fix)
    cited = [reference for reference in rule.references if reference.url.startswith(("https://", "http://"))]
    plain = "\n\n".join(part for part in (why, f"Fix: {fix}" if fix else "") if part) or title
    # A rule may be the organization's own, whose words come with a pull request: they are text in Markdown as well.
    parts = (f"**Why:** {markdown(why)}" if why else "", f"**Fix:** {markdown(fix)}" if fix else "")
    shown = "\n\n".join(part for part in parts if part)
    if cited:
        shown += "\n\n**Sources**\n\n" + "\n".join(map(_source, cited))
    score = {"security-severity": _SCORE[severity]} if severity in _SCORE else {}
    return {
        "id": visible(id_, NAME_SHOWN) + suffix,
        "shortDescription": {"text": title},
        "fullDescription": {"text": why or title},
        "help": {"text": plain, "markdown": shown or markdown(title)},
        **({"helpUri": address(cited[0].url)} if cited else {}),
        "defaultConfiguration": {"level": _LEVEL[severity]},
        "properties": {
            "tags": ["security", *([visible(rule.family, NAME_SHOWN)] if rule.family else [])],
            "precision": "very-high",
            "problem.severity": {"error": "error", "warning": "warning"}.get(_LEVEL[severity], "recommendation"),
            **score,
        },
    }


def _invocation(report: Report, left_out: int) -> dict[str, Any]:
    """How the run went. It counts as successful even when something was not read, or GitHub would refuse the file."""
    notes = [_notification(n.id, n.level, n.text, n.file, n.line, n.column) for n in notices(report)]
    # A result with the state "absent" would open an alert: code scanning reads all results as present.
    notes += [_notification("gone", "note", line) for line in gone_lines(report)]
    if left_out:
        text = (
            f"{counted(left_out, 'more result')} than this file holds; the worst {RESULTS:,} are here, "
            "all are in the JSON and HTML reports. Split the run with --split-by to have them all."
        )
        notes.insert(0, _notification("results-left-out", "warning", text))
    return {
        "executionSuccessful": True,
        "endTimeUtc": report.made_at,
        "exitCode": report.summary.exit_status,
        **({"exitCodeDescription": visible(report.summary.exit_reason)} if report.summary.exit_reason else {}),
        "toolExecutionNotifications": notes,
        **({"properties": {"readAt": read_at(report)}} if is_from_tenant(report) else {}),
    }


def _notification(
    id_: str, level: str, text: str, file: str | None = None, line: int | None = None, column: int | None = None
) -> dict[str, Any]:
    where = {"locations": [{"physicalLocation": _physical(file, line, column)}]} if file else {}
    return {"descriptor": {"id": id_}, "level": level, "message": {"text": sarif_message(text)}, **where}


def _result(
    finding: FindingRow,
    report: Report,
    rows: Mapping[str, RegistrationRow],
    names: Mapping[str, str],
    severities: Mapping[str, str],
    places: Mapping[str, int],
    seen: Counter[str],
    own: str,
    *,
    compared: bool,
) -> dict[str, Any]:
    id_ = _id(finding, severities)
    seen[own] += 1
    fingerprint = visible(own, NAME_SHOWN)
    text = "; ".join([sentence(finding, names), *related(finding)])
    text += f"\nFix: {visible(finding.fix)}" if finding.fix else ""  # that of the rule is in its help
    origin = finding.origin
    result: dict[str, Any] = {
        "ruleId": id_,
        "ruleIndex": places[id_],
        "level": _LEVEL[finding.severity],
        "message": {"text": sarif_message(text)},
        "locations": [
            {
                "physicalLocation": _physical(
                    origin.file or report.anchor or ANCHOR,
                    (origin.line or 1) if origin.file else 1,
                    origin.column if origin.file else None,
                    origin.end_line,
                    origin.end_column,
                ),
                "logicalLocations": [_logical(finding, rows.get(finding.registration), names)],
            }
        ],
        "partialFingerprints": {
            "grantlint/v1": fingerprint,
            "primaryLocationLineHash": f"{fingerprint}:{seen[own]}",
        },
        "properties": {
            "severity": finding.severity,
            "state": finding.state,
            "value": value_of(finding),
            **({"change": visible(finding.change)} if finding.change else {}),
            **({"since": finding.since} if finding.since else {}),
            **({"applicability": finding.edit.applicability} if finding.edit else {}),
        },
    }
    if finding.edit and finding.edit.replacements and all(map(_is_shown, finding.edit.replacements)):
        result["fixes"] = [_fix(finding, finding.edit)]
    if compared:
        result["baselineState"] = "new" if finding.state == "new" else "unchanged"
    if finding.state == "suppressed":
        result["suppressions"] = [_suppression(finding)]
    return result


def _is_shown(replacement: Replacement) -> bool:
    """Whether everything in a replacement is visible: other text must not be shown as a fix."""
    lines = (line.strip() for line in replacement.text.splitlines())
    return all(visible(line) == line for line in lines if line)


def _fix(finding: FindingRow, edit: FileEdit) -> dict[str, Any]:
    """A change of the files; who applies it reads whether it is safe."""
    by_file: dict[str, list[Replacement]] = {}
    for one in edit.replacements:
        by_file.setdefault(one.file, []).append(one)
    return {
        "description": {"text": sarif_message(f"{visible(finding.change)} ({edit.applicability})")},
        "artifactChanges": [
            {
                "artifactLocation": _physical(file)["artifactLocation"],
                "replacements": [
                    {
                        "deletedRegion": {
                            "startLine": one.line,
                            "startColumn": one.column,
                            "endLine": one.end_line,
                            "endColumn": one.end_column,
                        },
                        **({"insertedContent": {"text": one.text}} if one.text else {}),
                    }
                    for one in replacements
                ],
            }
            for file, replacements in by_file.items()
        ],
    }


def _id(finding: FindingRow, severities: Mapping[str, str]) -> str:
    id_ = visible(finding.rule, NAME_SHOWN)
    return id_ if severities.get(finding.rule, finding.severity) == finding.severity else f"{id_}/{finding.severity}"


def _suppression(finding: FindingRow) -> dict[str, Any]:
    accepted = finding.accepted
    if accepted is None:
        return {"kind": "external", "status": "accepted"}
    where = {"location": {"physicalLocation": _physical(accepted.file, accepted.line)}} if accepted.file else {}
    return {
        "kind": "inSource" if accepted.inline else "external",
        "status": "accepted",
        "justification": accepted_words(accepted),
        **where,
    }


def _logical(finding: FindingRow, row: RegistrationRow | None, names: Mapping[str, str]) -> dict[str, Any]:
    """The property in its registration, which is what a live tenant has instead of a file."""
    owner = visible((row.app_id or row.object_id or "") if row else "", NAME_SHOWN)
    name = names.get(finding.registration, visible(finding.registration, NAME_SHOWN))
    tenant = visible(row.tenant, NAME_SHOWN) if row else ""
    return {
        "name": property_of(finding) or name,
        "fullyQualifiedName": "/".join(part for part in (tenant, owner or name, property_of(finding)) if part),
        "decoratedName": name,
        "kind": "object",
    }


def _physical(
    file: str | None,
    line: int | None = None,
    column: int | None = None,
    end_line: int | None = None,
    end_column: int | None = None,
) -> dict[str, Any]:
    uri = file_uri(visible(file or ANCHOR))
    base = {} if uri.startswith("file:") else {"uriBaseId": _BASE}
    region: dict[str, int] = {}
    if line:
        region["startLine"] = line
        if column:
            region["startColumn"] = column
            if end_line == line and end_column and end_column > column:
                region |= {"endLine": end_line, "endColumn": end_column}
    return {"artifactLocation": {"uri": uri, **base}, **({"region": region} if region else {})}
