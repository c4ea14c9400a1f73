"""The texts of a plan, which all its formats share: lines without a comment sign, each safe to print.

Names, URLs and messages are untrusted. Each text here is one line and begins with a word of grantlint, so it stays a
comment behind a comment sign. JSON is ASCII. It contains no quotation mark or brace that a shell, PowerShell or an
editor for requests could interpret.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import Any, Final

from reports.age import age_notes
from reports.escape import visible, visible_name
from reports.fix_plan.plan import Block, Plan, graph_of, in_cloud
from reports.fix_plan.step import ByHand, Step
from reports.report import Report
from reports.rows import FindingRow
from reports.wording import moment_words
from rules.docs.requests import GRAPH, TARGETS, address
from rules.primitives.pointers import dotted
from rules.primitives.texts import counted

#: Characters of a line behind its comment sign.
WIDTH: Final = 110

#: In texts of JSON these stand as escapes: they mean something to a shell, PowerShell, or an editor for requests.
_ESCAPED: Final = {ord(sign): f"\\u{ord(sign):04x}" for sign in "'`$<>{}\x7f"}


def body_text(value: Any, indent: int | None = None) -> str:
    """JSON in printable ASCII, in whose texts no quote, backtick, dollar, angle or brace stands as itself."""
    return "".join(_pieces(value, indent, ""))


def _pieces(value: Any, indent: int | None, margin: str) -> Iterator[str]:
    if not isinstance(value, dict | list) or not value:
        yield json.dumps(value).translate(_ESCAPED) if isinstance(value, str) else json.dumps(value)
        return
    inner = margin + " " * (indent or 0)
    between = f",\n{inner}" if indent else ", "
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    yield opening + (f"\n{inner}" if indent else "")
    for number, one in enumerate(value):
        yield between if number else ""
        if isinstance(value, dict):
            yield json.dumps(one).translate(_ESCAPED) + ": "
        yield from _pieces(value[one] if isinstance(value, dict) else one, indent, inner)
    yield (f"\n{margin}" if indent else "") + closing


def paragraph(text: str, first: str = "", rest: str = "") -> list[str]:
    """A text of grantlint in lines."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def head(report: Report, plan: Plan, how: Iterable[str]) -> Iterator[str]:
    """What the plan is, and what to know before a step is run; *how* says how to run it in this format."""
    for words in age_notes(report):
        yield from paragraph(f"WARNING: {words}")
        yield ""
    count = counted(plan.steps, "step")
    yield from paragraph(
        f"Fix plan with {count}, made by grantlint {visible(report.tool.version)} from its report of "
        f"{visible(report.made_at[:16].replace('T', ' '))} UTC."
    )
    yield ""
    yield from paragraph(
        "grantlint never writes to a tenant. Read each step, consult the owner of the registration, and run only the "
        "steps that you approve."
    )
    yield ""
    for line in how:
        yield from paragraph(line)
        yield ""
    yield from paragraph(
        "The steps need Application.ReadWrite.All or ownership of the registration. Steps for tenant policies need "
        "other permissions. Run grantlint again afterward, because one mistake can hide another."
    )
    if any(block.steps and block.row and not block.row.graph for block in plan.blocks):
        yield ""
        yield from paragraph(
            f"The cloud of registrations in a file is not known. For a national cloud, replace {GRAPH} with the URL of "
            "its Microsoft Graph."
        )
    hosts = {block.row.graph for block in plan.blocks if block.row and block.steps} - {"", GRAPH}
    for host in sorted(hosts):
        yield ""
        yield from paragraph(
            f"Sign in to the national cloud of {host}."
            if in_cloud(f"{host}/")
            else f"WARNING: {host} is not a Microsoft cloud. Check its owner before you send a token to it."
        )
    tenants = {block.row.tenant for block in plan.blocks if block.row and block.row.tenant and block.steps}
    if len(tenants) > 1:
        yield ""
        yield from paragraph(
            f"The plan covers {len(tenants)} tenants. Sign in to the tenant of a registration before you run its steps."
        )
    if plan.left_out:
        yield ""
        yield from paragraph(f"The plan does not include {plan.left_out:,} known or accepted findings.")
    if report.redacted:
        yield ""
        yield from paragraph("The report was redacted, so the plan has nothing to run.")


def block_lines(number: int, block: Block) -> Iterator[str]:
    """Which registration it is, and where it was read."""
    row = block.row
    yield f"{number}. {visible_name(block.name)}"
    if row is None:
        return
    ids = (("client ID", row.app_id), ("object ID", row.object_id), ("tenant", row.tenant))
    known = [f"{what} {visible(text, 120)}" for what, text in ids if text]
    if known:
        yield f"   with {', '.join(known)}"
    if row.origin.file:
        yield f"   read from {visible(row.origin.file)}; if that file deploys it, change it there too"


#: How a file of requests is used.
HTTP_FILE: Final = (
    "No request is sent until you send it in an editor that supports .http files. Set the variable token to an access "
    "token for Microsoft Graph, in the settings of the editor and not in this file."
)


def step_lines(label: str, step: Step, whys: dict[str, str]) -> Iterator[str]:
    """What the step fixes and why, what was there, what will, and what may break."""
    if step.is_used:
        yield from paragraph(f"{label} MIGRATE FIRST, in use: {step.use}", rest="    ")
    elif step.is_unused:
        yield from paragraph(f"{label} UNUSED: {step.use}. Sign-ins before or after are not known", rest="    ")
    elif step.breaks:
        yield from paragraph(f"{label} MAY BREAK SIGN-IN, check first: {step.breaks}", rest="    ")
    else:
        yield f"{label} safe: no sign-in depends on it"
    for finding in step.findings:
        yield f"    {finding.severity} {visible(finding.rule)}: {visible(finding.message)}"
    for why in dict.fromkeys(whys.get(finding.rule, "") for finding in step.findings):
        yield from paragraph(visible(why), "    why: ", "         ")
    for pointer in dict.fromkeys((*step.before, *step.after)):
        yield from _change(visible(dotted(pointer)), step, pointer)
    if not step.after:
        yield "    will be: removed"
    if step.undo_note:
        yield f"    undo: {step.undo_note}"


def _change(name: str, step: Step, pointer: str) -> Iterator[str]:
    """The old and the new value at *pointer*; for a list, its elements with removed and added ones marked."""
    if pointer not in step.before and any(pointer.startswith(place + "/") for place in step.before):
        yield f"    will be: {name} = {body_text(step.after[pointer])}"  # what was above it is null, and shown
        return
    was, will = step.before.get(pointer), step.after.get(pointer)
    if isinstance(was, list) and isinstance(will, list):
        yield f"    {name} (- is removed, + is added):"
        yield from (f"        {line}" for line in _difference(was, will))
        return
    yield f"    was: {name} = {_shown(was)}" if pointer in step.before else f"    was: {name}, not read"
    if pointer in step.after:
        yield f"    will be: {name} = {_shown(will)}"


def _shown(value: Any) -> str:
    """JSON for readers: moments in words."""
    return body_text(_with_moments(value))


def _with_moments(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: moment_words(one) if name.endswith("DateTime") and isinstance(one, str) else _with_moments(one)
            for name, one in value.items()
        }
    return [_with_moments(one) for one in value] if isinstance(value, list) else value


def _difference(was: list[Any], will: list[Any]) -> Iterator[str]:
    old, new = [_shown(one) for one in was], [_shown(one) for one in will]
    for kind, start, end, other, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from (f"  {line}" for line in old[start:end])
            continue
        yield from (f"- {line}" for line in old[start:end])
        yield from (f"+ {line}" for line in new[other:last])


def by_cli(step: Step) -> str:
    """The words for a step that only Azure CLI or the portal can apply."""
    return f"    by hand, in the portal or with Azure CLI: {' '.join(step.cli)}"


def by_hand_lines(by_hand: Iterable[ByHand], fixes: dict[str, str]) -> Iterator[str]:
    """What is left to users as a checklist, rule by rule, with the rule's fix."""
    by_rule: dict[tuple[str, str], list[FindingRow]] = {}
    for one in by_hand:
        by_rule.setdefault((one.finding.rule, one.why), []).append(one.finding)
    for (rule, why), findings in by_rule.items():
        for finding in findings:
            yield f"[ ] by hand: {finding.severity} {visible(rule)} at {_place(finding)}: {visible(finding.message)}"
        if why:
            yield f"    no step, because {why}"
        for fix in dict.fromkeys(finding.fix or fixes.get(rule, "") for finding in findings):
            yield from paragraph(visible(fix), "    fix: ", "         ")


def in_file_lines(block: Block, fixes: dict[str, str]) -> Iterator[str]:
    """What is fixed in the files that define a registration, as a checklist."""
    yield from paragraph(
        "Files define this registration, and their next deployment would undo a request. Change the files:",
        "   ",
        "   ",
    )
    for finding in block.in_files:
        change = f" ({visible(finding.change)})" if finding.change else ""
        yield f"[ ] in the file: {_place(finding)}{change}"
        yield f"    {finding.severity} {visible(finding.rule)}: {visible(finding.message)}"
        if not finding.change:
            yield from paragraph(visible(finding.fix or fixes.get(finding.rule, "")), "    fix: ", "         ")


def _place(finding: FindingRow) -> str:
    origin = finding.origin
    where = ":".join(str(part) for part in (origin.file, origin.line) if part)
    what = visible(origin.property or dotted(finding.pointer))
    return f"{visible(where)}, {what}" if where else what


def shown_today(block: Block) -> str | None:
    """The URL that shows what is today in the application that steps change; ``None`` where they change
    none.
    """
    pointers = [finding.pointer for step in block.steps for finding in step.findings]
    names = dict.fromkeys(pointer.split("/")[1] for pointer in pointers if pointer.startswith("/"))
    parts = {name: target for name in names if (target := TARGETS.get(name)) and target.path == "applications"}
    if not parts or block.row is None:
        return None
    target = next(iter(parts.values()))
    listed = [name for name, part in parts.items() if part.kind not in ("delete-federated", "delete-owner")]
    where = address(target, block.row.object_id, block.row.app_id, graph_of(block.row) or GRAPH)
    return f"{where}?$select={','.join(['id', *listed])}"


def texts(report: Report) -> tuple[dict[str, str], dict[str, str]]:
    """Why each rule matters and how to fix what it finds, by its id."""
    return {rule.id: rule.why for rule in report.rules}, {rule.id: rule.fix for rule in report.rules}
