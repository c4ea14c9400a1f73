"""Render the report as one HTML file that loads nothing and runs nothing but its own script.

In: a report. Out: a page that is complete without script, in light and dark, on paper and on a phone. The policy in its
head names style and script by their hashes; every expression of a template is made visible and escaped.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec
from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from reports.escape import NAME_SHOWN, visible, visible_name
from reports.html.advice import advice_views, whole_tree
from reports.html.first_screen import beside, exit_line, first_fixes, input_views, lead, missing_views, problem_views
from reports.html.markup import Link, instant, links, shown
from reports.html.posture import posture_table, posture_words, shown_grants
from reports.html.registrations import TEXTS_BESIDE, RegistrationView, registration_views
from reports.report import Report, RuleText
from reports.tables import by_registration
from rules.finding import SEVERITIES

_TEMPLATES: Final = (
    "page.jinja",
    "pieces.jinja",
    "read.jinja",
    "counts.jinja",
    "first.jinja",
    "registrations.jinja",
    "posture.jinja",
    "advice.jinja",
    "rules.jinja",
)


class RuleView(msgspec.Struct, frozen=True):
    """A rule's text with its references as links."""

    text: RuleText
    links: tuple[Link, ...]


def render_html(report: Report) -> str:
    """The report as an HTML document. Parts of the report that are empty leave no trace in it."""
    style, script = _asset("style.css"), _asset("page.js")
    own = {"style": Markup(style), "script": Markup(script), "policy": policy(style, script)}  # noqa: S704 - our own files
    return _environment().get_template("page.jinja").render(_context(report), **own) + "\n"


def policy(style: str, script: str) -> str:
    """The Content-Security-Policy under which exactly this style and this script work, and nothing else."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _asset(name: str) -> str:
    return files("reports.html").joinpath(name).read_text("utf-8").strip()


@cache
def _environment() -> Environment:
    return Environment(
        loader=DictLoader({name: _asset(name) for name in _TEMPLATES}),
        autoescape=True,
        finalize=shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _context(report: Report) -> dict[str, Any]:
    """Everything that the templates show, by the names that they use."""
    made, judged = instant(report.made_at), instant(report.judged_at)
    open_inputs, more_inputs = input_views(report.inputs)
    context = {
        "title": visible(report.title or "Report", NAME_SHOWN),
        "tool": f"{report.tool.name} {report.tool.version}",
        "lead": lead(report),
        "made": made,
        "judged": judged if judged != made else "",
        "problems": problem_views(report.problems),
        "inputs": open_inputs,
        "more_inputs": more_inputs,
        "gaps": missing_views(report.not_assessed),
        "exit_line": exit_line(report),
        "advices": advice_views(report),
        "whole_tree": whole_tree(report),
        **_judged(report),
    }
    return context | {"contents": _contents(context)}


def _judged(report: Report) -> dict[str, Any]:
    """What is said about registrations; nothing but empty lists where none was judged."""
    rules = {rule.id: rule for rule in report.rules}
    grants = {grant.id: grant for grant in report.grants}
    parts = sorted(by_registration(report), key=lambda part: not (part.findings or part.gaps))
    full = [part for part in parts if part.findings or part.gaps]
    places = {part.row.key: (f"registration-{n}", visible_name(part.row.name)) for n, part in enumerate(parts, 1)}
    views = registration_views(full, rules, posture_words(report, places))
    told = _told(views)
    return {
        "counts": tuple(report.summary.by_severity.items()) if parts else (),
        "beside": beside(report) if parts else (),
        "first": first_fixes(report, rules, places),
        "registrations": views,
        "clean": tuple(places.values())[len(full) :],
        "findings": len(report.findings),
        "beside_limit": TEXTS_BESIDE,
        "severities": [name for name in SEVERITIES if any(finding.severity == name for finding in report.findings)],
        "posture": posture_table(report, places),
        "grants": [grants[grant] for grant in shown_grants(report) if grant in grants],
        "rules": [RuleView(rule, links(rule.references)) for name, rule in rules.items() if name in told],
        "silent_rules": [name for name in rules if name not in told],
    }


def _told(views: Sequence[RegistrationView]) -> set[str]:
    """The rules that the page speaks of: their text follows once."""
    return {finding.rule for view in views for finding in view.findings}


def _contents(context: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The sections that are there: anchor, words, how much is in them."""
    rows = (
        ("read", "What was read", context["inputs"] or context["problems"] or context["gaps"], 0),
        ("first", "Do these first", context["first"], 0),
        ("registrations", "Registrations", context["registrations"] or context["clean"], _count(context)),
        ("posture", "Grants that work today", context["posture"].lines, 0),
        ("advice", "Advice", context["advices"], len(context["advices"])),
        ("rules", "Rules", context["rules"] or context["silent_rules"], len(context["rules"])),
    )
    there = [(anchor, words, f"{count:,}" if count else "") for anchor, words, some, count in rows if some]
    return there if len(there) > 1 else []


def _count(context: dict[str, Any]) -> int:
    return len(context["registrations"]) + len(context["clean"])
