"""Check a registration against the grant that it is declared for, in the configuration or by a word in its notes or
tags.

In the configuration: ``[registrations."Contoso Portal"]`` with ``grant = "authorization_code"``. In notes or tags of
the registration itself: ``grantlint: grant=authorization_code``. The configuration wins. What the declared grant needs
is in ``rules.analysis.grants``; a switch that it wants otherwise, or a redirect URI that it does not use, can allow
another grant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import UNSET

from advisor.policy.checks import nearest
from advisor.policy.config import Configuration
from reports.rows import RegistrationRow, RuleText
from rules.analysis.grants import TOKEN_GRANTS, Grant, grant, posture
from rules.engine.rule import Subject
from rules.engine.run import fingerprint
from rules.knowledge.sources import cite_all
from rules.model.finding import Because, Finding, NotAssessed, Severity
from rules.model.registration import PLATFORMS, Registration, disabled_at, read_value

_WORD: Final = re.compile(r"grantlint:\s*grant\s*=\s*([a-z_]+)")
#: The same with any mistake in it, up to the end of the line or sentence; not each sentence about grantlint.
_MEANT: Final = re.compile(r"grantlint\s*:\s*((?:grant\b|[\w-]+\s*=)[^\n\r;,]*)", re.IGNORECASE)
_FAMILY: Final = "intent"
_GRANTS: Final = {row.id for row in TOKEN_GRANTS}

#: What reports say about these findings.
INTENT: Final = (
    RuleText(
        id="undeclared-grant",
        title="A registration allows more than its declared grant.",
        why="A setting that the declared grant does not need can allow another grant. An attacker may use that grant.",
        fix="Change the setting as the declared grant needs it, or declare the grant that the client uses.",
        family=_FAMILY,
        severity="medium",
        references=cite_all("rule undeclared-grant", "entra:app-best-practices", "rfc:9700#2.1"),
    ),
    RuleText(
        id="impossible-declared-grant",
        title="A registration blocks its declared grant.",
        why="The client cannot get tokens as declared, or the declaration is out of date.",
        fix="Add what the grant needs (see grantlint grants ID), or declare the grant that the client uses.",
        family=_FAMILY,
        severity="low",
        references=cite_all(
            "rule impossible-declared-grant",
            "entra:authentication-flows-app-scenarios",
            "entra:app-manifest",
            "entra:v2-oauth2-auth-code-flow",
        ),
    ),
    RuleText(
        id="unknown-declared-grant",
        title="Notes or tags declare an unknown grant.",
        why="The declaration has no effect, so the registration is not compared with it.",
        fix="Write grantlint: grant=ID, with an ID from the list of the command grantlint grants.",
        family=_FAMILY,
        severity="low",
        references=(),
    ),
)
_SEVERITIES: Final[dict[str, Severity]] = {text.id: text.severity for text in INTENT}


class Declaration(msgspec.Struct, frozen=True):
    """The grant that a registration is declared for, and where that is written."""

    grant: Grant
    where: str


class Intent(msgspec.Struct, frozen=True):
    """The findings of rules, with the declaration added to those that it concerns, the findings of this page, and
    gaps.
    """

    findings: tuple[Finding, ...]
    not_assessed: tuple[NotAssessed, ...] = ()
    texts: tuple[RuleText, ...] = ()


def check_intent(
    subjects: Sequence[Subject],
    rows: dict[str, RegistrationRow],
    findings: Sequence[Finding],
    configuration: Configuration,
    now: datetime,
) -> Intent:
    """Check the declared registrations among *subjects* and add the declaration to *findings* at the same place.

    Where a rule speaks of a property already, the declaration is added to its finding: one mistake is reported once.
    """
    declared = {
        subject.key: found
        for subject in subjects
        if (found := declaration(subject.app, rows[subject.key], configuration))
    }
    unknown = [said for subject in subjects for said in _unknown(subject)]
    if not declared and not unknown:
        return Intent(tuple(findings))
    positions = {(finding.registration, finding.pointer): position for position, finding in enumerate(findings)}
    result = list(findings)
    more: list[Finding] = unknown
    gaps: list[NotAssessed] = []
    for subject in subjects:
        found = declared.get(subject.key)
        for said in _check(subject, found, now) if found else ():
            if isinstance(said, NotAssessed):
                gaps.append(said)
            elif (position := positions.get((said.registration, said.pointer))) is not None:
                result[position] = _beside(result[position], said)
            else:
                more.append(said)
    off = {*configuration.ignore, *(name for name, level in configuration.severity.items() if level == "off")}
    kept = [finding for finding in more if finding.rule not in off and _FAMILY not in off]
    ran = tuple(text for text in INTENT if text.id not in off and _FAMILY not in off)
    return Intent((*result, *kept), tuple(gap for gap in gaps if gap.rule in {text.id for text in ran}), ran)


def declaration(app: Registration, row: RegistrationRow, configuration: Configuration) -> Declaration | None:
    """The grant that the organization, or the registration itself, declares."""
    for declared in configuration.registrations:
        if declared.grant and declared.is_about(row):
            return Declaration(grant(declared.grant), f"{declared.file}, line {declared.line}")
    for pointer, text in _texts(app):
        match = _WORD.search(text)
        if match and match[1] in _GRANTS:
            return Declaration(grant(match[1]), f"its {pointer.split('/')[1]}")
    return None


def _texts(app: Registration) -> Iterator[tuple[str, str]]:
    """The notes and tags, by their pointers."""
    tags = app.tags if isinstance(app.tags, tuple) else ()
    for pointer, text in (("/notes", app.notes), *((f"/tags/{place}", tag) for place, tag in enumerate(tags))):
        if isinstance(text, str):
            yield pointer, text


def _unknown(subject: Subject) -> Iterator[Finding]:
    """The words to grantlint in notes and tags that declare no grant."""
    for pointer, text in _texts(subject.app):
        for meant in _MEANT.finditer(text):
            word = _WORD.match(meant[0])
            if word and word[1] in _GRANTS:
                continue
            said = meant[1].strip().rstrip(".")
            yield Finding(
                rule="unknown-declared-grant",
                severity=_SEVERITIES["unknown-declared-grant"],
                registration=subject.key,
                pointer=pointer,
                message=f"declares an unknown grant in its {pointer.split('/')[1]}: {said[:80]}",
                value=said[:300],
                fingerprint=fingerprint("unknown-declared-grant", subject, pointer),
                change=nearest(said.partition("=")[2].strip(), sorted(_GRANTS), "grantlint grants"),
            )


def _check(subject: Subject, declared: Declaration, now: datetime) -> Iterator[Finding | NotAssessed]:
    app, row = subject.app, declared.grant
    for switch in row.switches:
        pointer = "/" + switch.path.replace(".", "/")
        value = read_value(app, switch.path)
        if value is UNSET:
            yield NotAssessed(rule="undeclared-grant", registration=subject.key, pointer=pointer, reason="not-in-file")
        elif bool(value) and not switch.value:
            yield _finding(
                "undeclared-grant",
                subject,
                pointer,
                declared,
                "turns on a setting that this grant does not need",
                value="true",
                change="set to false",
            )
    yield from _platforms(subject, declared)
    fact = next((fact for fact in posture(app, now) if fact.grant == row.id), None)
    if fact is None or disabled_at(app):  # a disabled application blocks every grant, whatever it declares
        return
    pointer = fact.by[0] if fact.by else ""
    if fact.state == "blocked":
        yield _finding("impossible-declared-grant", subject, pointer, declared, f"blocks it: {fact.note}")
    elif fact.state == "unknown":
        note = f"it is not known whether {row.id} works: {fact.note}" if fact.note else ""
        yield NotAssessed(
            rule="impossible-declared-grant",
            registration=subject.key,
            pointer=pointer,
            reason="not-in-file",
            note=note,
        )


def _platforms(subject: Subject, declared: Declaration) -> Iterator[Finding | NotAssessed]:
    """Redirect URIs on platforms that the grant does not use; a gap where they were not read."""
    used = declared.grant.platforms if declared.grant.redirect else ()
    for platform in PLATFORMS:
        uris, pointer = read_value(subject.app, f"{platform}.redirectUris"), f"/{platform}/redirectUris"
        if platform in used:
            continue
        if uris is UNSET:
            yield NotAssessed(rule="undeclared-grant", registration=subject.key, pointer=pointer, reason="not-in-file")
        elif isinstance(uris, tuple) and uris:
            words = f"has redirect URIs on {platform}, which this grant does not use"
            yield _finding("undeclared-grant", subject, pointer, declared, words, value=", ".join(uris))


def _finding(
    rule: str, subject: Subject, pointer: str, declared: Declaration, words: str, *, value: str = "", change: str = ""
) -> Finding:
    return Finding(
        rule=rule,
        severity="low" if disabled_at(subject.app) else _SEVERITIES[rule],
        registration=subject.key,
        pointer=pointer,
        message=f"is declared for {declared.grant.id} ({declared.where}) and {words}",
        value=value[:300],
        fingerprint=fingerprint(rule, subject, pointer),
        change=change,
    )


def _beside(finding: Finding, said: Finding) -> Finding:
    """The finding of a rule with the declaration as a second reason."""
    because = Because(said.pointer, f"the registration {said.message}")
    return msgspec.structs.replace(finding, because=(*finding.because, because))
