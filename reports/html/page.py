"""Render the report as one HTML file that loads nothing and runs nothing but its own script.

In: a report. Out: a page that is complete without script, in light and dark, on paper and on a phone. The policy in its
head names style and script by their hashes; every expression of a template is made visible and escaped.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec
from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from reports.age import age_notes, is_from_tenant, read_at
from reports.escape import NAME_SHOWN, visible
from reports.html import FINDINGS_IN_FULL
from reports.html.advice import advice_views, between_views, built_for_views, whole_tree
from reports.html.charts import chart_views
from reports.html.credentials import timeline
from reports.html.details import lists_of
from reports.html.expiry import expiry_choices
from reports.html.first_screen import (
    beside,
    exit_line,
    first_fixes,
    gone_views,
    input_views,
    lead,
    missing_views,
    only_severity,
    problem_views,
    severity_counts,
    trend_view,
    worst_registrations,
)
from reports.html.markup import Link, instant, links, shown
from reports.html.part import part_view
from reports.html.places import OwnerView, Places, owner_views, places_of, rule_counts, rule_numbers
from reports.html.posture import posture_views, shown_grants, words
from reports.html.reach import granted, hosts, requested
from reports.html.registrations import (
    FILTERS,
    REGISTRATIONS_IN_FULL,
    STATE_WORDS,
    Sections,
    compact_views,
    views_in_full,
)
from reports.html.requests import drawings_of, request_views
from reports.html.row import columns_of, grant_labels, label_of, risky_grants
from reports.html.sequence_svg import Drawing
from reports.html.system_svg import system_drawing
from reports.html.tenants import TenantView, tenant_views
from reports.html.use import use_choices, use_view, uses_of
from reports.report import Report
from reports.rows import RuleText
from reports.tables import KINDS, RANK, RegistrationPart, by_registration, fixes_of, scopes_run
from reports.wording import POLICY_HEADING
from rules.model.finding import SEVERITIES

#: A report of more registrations folds their details and the sections after them.
SHOWN_OPEN: Final = 10

#: A line of a style that is only a comment.
_COMMENT: Final = re.compile(r"/\*.*\*/")

_TEMPLATES: Final = (
    "page.jinja",
    "pieces.jinja",
    "policy.jinja",
    "read.jinja",
    "part.jinja",
    "counts.jinja",
    "charts.jinja",
    "tenants.jinja",
    "first.jinja",
    "trend.jinja",
    "names.jinja",
    "registrations.jinja",
    "filter.jinja",
    "owners.jinja",
    "posture.jinja",
    "use.jinja",
    "use_of.jinja",
    "requests.jinja",
    "ways.jinja",
    "credentials.jinja",
    "reach.jinja",
    "system.jinja",
    "advice.jinja",
    "rules.jinja",
    "keys.jinja",
    "index.jinja",
)


class RuleView(msgspec.Struct, frozen=True):
    """A rule's text with its references as links; ``worst`` is the severity found where that is above the rule's
    own, and ``fixes`` are in the words of the formats in which it found something.
    """

    text: RuleText
    number: int
    links: tuple[Link, ...]
    worst: str
    fixes: tuple[str, ...]


def render_html(report: Report) -> str:
    """The report as an HTML document. Parts of the report that are empty leave no trace in it."""
    style, script = asset("style.css"), asset("shared.js") + "\n" + asset("page.js")
    own = {"style": Markup(style), "script": Markup(script), "policy": policy(style, script)}  # noqa: S704 - our own files
    return environment().get_template("page.jinja").render(_context(report), **own) + "\n"


def policy(style: str, script: str) -> str:
    """The Content-Security-Policy under which exactly this style and this script work, and nothing else."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def asset(name: str) -> str:
    """A file of ours that goes into the page: a template as it is, style and script packed."""
    text = files("reports.html").joinpath(name).read_text("utf-8").strip()
    return text if name.endswith(".jinja") else packed(text)


def packed(text: str) -> str:
    """*text*, a style or a script of ours, without indentation, empty lines and lines that are only a comment.

    No string of ours extends over several lines, and no line of a style ends in the middle of a comment.
    """
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not (line.startswith("//") or _COMMENT.fullmatch(line)))


@cache
def environment() -> Environment:
    """The template engine: everything is made visible and escaped, nothing unknown is let through."""
    engine = Environment(
        loader=DictLoader({name: asset(name) for name in _TEMPLATES}),
        autoescape=True,
        finalize=shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    engine.filters.update(FILTERS)
    return engine


def _context(report: Report) -> dict[str, Any]:
    """Everything that the templates show, by the names that they use."""
    made, checked = instant(report.made_at), instant(report.judged_at)
    drawings = drawings_of(report)
    open_inputs, more_inputs = input_views(report.inputs)
    context = {
        "title": visible(report.title or "Report", NAME_SHOWN),
        "tool": f"{report.tool.name} {report.tool.version}",
        "lead": lead(report),
        "made": made,
        "checked": checked if checked != made else "",
        "read": instant(read_at(report)) if is_from_tenant(report) else "",
        "problems": problem_views(report.problems),
        "inputs": open_inputs,
        "more_inputs": more_inputs,
        "policy_changes": report.policy_changes,
        "policy_heading": POLICY_HEADING,
        "notes": (*age_notes(report), *report.notes),
        "gaps": missing_views(report),
        "exit_line": exit_line(report),
        "part": part_view(report),
        "trend": trend_view(report),
        "gone": gone_views(report),
        "picture": system_drawing(report),
        "advices": advice_views(report, drawings),
        "whole_tree": whole_tree(report),
        "between": between_views(report),
        "built_for": built_for_views(report),
        **_checked(report, drawings),
    }
    return context | {"contents": _contents(context)}


def _checked(report: Report, drawings: Mapping[str, Drawing]) -> dict[str, Any]:
    """What is said about registrations; nothing but empty lists where none was checked."""
    # One table for all tenants: the worst registration of any tenant is its first row.
    parts = sorted(by_registration(report), key=lambda part: [-part.by_severity[name] for name in SEVERITIES])
    compact = len(report.findings) > FINDINGS_IN_FULL or len(parts) > REGISTRATIONS_IN_FULL
    places = places_of(parts)
    numbers = rule_numbers(report)
    owners, owned = owner_views(parts, places, compact=compact)
    posture, allowed = posture_views(report, places, compact=compact)
    rules = {rule.id: rule for rule in report.rules}
    only = only_severity(report)
    requests = request_views(report, drawings, {key: words.anchor for key, words in allowed.items()})
    tenants = tenant_views(parts)
    sections = Sections(
        places,
        columns_of(report),
        lists_of(report),
        {tenant.key: tenant.value for tenant in tenants},
        allowed,
        uses_of(report),
        owned,
        requests,
    )
    registrations, groups = compact_views(parts, sections) if compact else (views_in_full(parts, sections), ())
    return {
        "counts": severity_counts(report) if parts else (),
        "beside": beside(report) if parts else (),
        "worst": worst_registrations(parts, places) if len(parts) > SHOWN_OPEN else (),
        "first": first_fixes(report, rules, numbers, places),
        "compact": compact,
        "registrations": registrations,
        "groups": groups,
        "tenants": tenants,
        "charts": chart_views(report, numbers, only),
        "only": only,
        "is_folded": len(parts) > SHOWN_OPEN,
        "labels": grant_labels(report),
        "risky": [label_of(grant) for grant in sorted(risky_grants(report))],
        "today": report.judged_at[:10],
        "numbers": numbers,
        "texts": rules,
        "kinds": KINDS,
        "requests": requests,
        "checked_count": len(parts),
        "heading": _heading(parts),
        "registration_count": sum(part.row.kind == "registration" for part in parts),
        "findings": len(report.findings),
        "posture": posture,
        "use": use_view(report, places, compact=compact),
        "owners": owners,
        "timeline": timeline(report, places, compact=compact),
        "requested": requested(report, places, compact=compact),
        "granted": granted(report, places, compact=compact),
        "hosts": hosts(report, places, compact=compact),
        **_filter(report, numbers, owners, tenants),
        **_rules(report, numbers, places, compact=compact),
    }


def _heading(parts: Sequence[RegistrationPart]) -> str:
    """What the section of registrations is about: of a tenant also its policies and foreign service principals."""
    tenants = len({part.row.tenant for part in parts if part.row.kind != "registration"})
    return "Registrations" + ("" if not tenants else " and tenant" if tenants == 1 else " and tenants")


def _filter(
    report: Report, numbers: Mapping[str, int], owners: Sequence[OwnerView], tenants: Sequence[TenantView]
) -> dict[str, Any]:
    """What the filter offers: only what is there."""
    found = {finding.rule for finding in report.findings}
    families: dict[str, list[str]] = {}
    for rule in report.rules:
        if rule.id in found:
            families.setdefault(rule.family, []).append(str(numbers[rule.id]))
    there = {finding.state for finding in report.findings}
    states = [(word, word) for state, word in STATE_WORDS.items() if state in there]
    if report.trend:
        states += [("fresh", "new since the last report"), ("still", "still open")]
    grants = shown_grants(report)
    return {
        "tenant_choices": [(tenant.value, tenant.name) for tenant in tenants],
        "grant_choices": [(label_of(grant), words(grant)) for grant in grants if label_of(grant)],
        "month_choices": expiry_choices(report),
        "use_choices": use_choices(report),
        "severities": [name for name in SEVERITIES if any(finding.severity == name for finding in report.findings)],
        "rule_choices": sorted(((str(numbers[id_]), id_) for id_ in found), key=lambda pair: pair[1]),
        "families": sorted((" ".join(rules), name) for name, rules in families.items()),
        "owner_choices": [(owner.value, owner.name) for owner in owners],
        "states": [*states, *([("gaps", "not assessed")] if report.not_assessed else [])],
    }


def _rules(report: Report, numbers: Mapping[str, int], places: Places, *, compact: bool) -> dict[str, Any]:
    """What rules found, their texts once, and those that checked everything and found nothing."""
    fired = {finding.rule for finding in report.findings}
    assessed_in_part = {gap.rule for gap in report.not_assessed}
    ran = scopes_run(tenant=any(row.tenant for row in report.registrations))
    grants = {grant.id: grant for grant in report.grants}
    counts = rule_counts(report, numbers, places, compact=compact)
    worst = {count.id: count.severity for count in counts}
    fixes = fixes_of(report)
    return {
        "grants": [grants[grant] for grant in shown_grants(report) if grant in grants],
        "rule_counts": counts,
        "aside": any(count.known or count.accepted for count in counts),
        "rules": [
            RuleView(
                rule,
                numbers[rule.id],
                links(rule.references),
                worst[rule.id] if RANK[worst[rule.id]] < RANK[rule.severity] else "",
                fixes[rule.id],
            )
            for rule in report.rules
            if rule.id in fired
        ],
        "silent_rules": [
            rule.id
            for rule in report.rules
            if rule.id not in fired and rule.id not in assessed_in_part and rule.scope in ran
        ],
    }


def _contents(context: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The sections that are there: anchor, words, how much is in them."""
    rows = (
        ("policy", POLICY_HEADING, context["policy_changes"], len(context["policy_changes"])),
        ("read", "What was read", context["inputs"] or context["problems"] or context["gaps"], 0),
        ("first", "Fix first", context["first"], 0),
        ("tenants", "Tenants", context["tenants"], len(context["tenants"])),
        ("trend", "Since earlier runs", context["trend"] or context["gone"], 0),
        ("registrations", context["heading"], context["checked_count"], context["registration_count"]),
        ("owners", "By owner", context["owners"], len(context["owners"])),
        ("posture", "Grants that work today", context["posture"].lines, 0),
        ("use", "Use of grants", context["use"], 0),
        ("requests", "Requests that work", context["requests"].groups, 0),
        ("credentials", "Credentials", context["timeline"].rows or context["timeline"].undated, 0),
        ("permissions", "Permissions", context["requested"].rows or context["granted"].rows, 0),
        ("hosts", "Redirect URIs by host", context["hosts"].rows, 0),
        ("system", "The system", context["picture"], 0),
        ("advice", "Advice", context["advices"], len(context["advices"])),
        ("rules", "By rule", context["rules"] or context["silent_rules"], len(context["rules"])),
    )
    there = [(anchor, words, f"{count:,}" if count else "") for anchor, words, some, count in rows if some]
    return there if len(there) > 1 else []
