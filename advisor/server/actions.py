"""Code actions: fix a finding, or accept it with a reason. Each edit is checked before it is offered."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from advisor.errors import GrantlintError
from advisor.fixing.edit import Edit, NotFixed, applied
from advisor.fixing.make import edits_for
from advisor.fixing.verify import objection
from advisor.server.check import Result, check
from advisor.server.positions import Positions
from reports.rows import FindingRow
from rules.engine.applicability import applicability
from rules.primitives.spans import Span

#: How a comment begins, by the extension of the file. JSON has none.
_COMMENTS: Final = {
    "bicep": "//", "hcl": "#", "json5": "//", "jsonc": "//", "tf": "#", "tofu": "#", "yaml": "#", "yml": "#",
}  # fmt: skip
_INDENT: Final = re.compile(r"[ \t]*")
#: What the user replaces by the reason.
REASON: Final = "state the reason here"

#: Gives the text of a file by its resolved path, as the editor or the disk has it. Raises ``OSError``.
Read = Callable[[str], str]


class Action(NamedTuple):
    """Edits for a *finding*, by resolved path. A file that does not exist yet has an empty text."""

    title: str
    finding: FindingRow
    edits: Mapping[str, list[Edit]]
    is_preferred: bool = False
    is_fix: bool = True


def findings_in(result: Result, positions: Positions, span: Span) -> list[FindingRow]:
    """The findings whose value overlaps the *span*."""
    found = ((one, positions.span_of(one.origin)) for one in result.findings)
    return [one for one, (start, end) in found if start <= span[1] and span[0] <= end]


def actions(result: Result, positions: Positions, span: Span, read: Read) -> list[Action]:
    """What can be done about the findings in the *span*; *read* gives the texts that are edited."""
    found = []
    for finding in findings_in(result, positions, span):
        found += [one for one in (_fix(finding, result, read), _suppression(finding, result, positions, read)) if one]
    return found


def _fix(finding: FindingRow, result: Result, read: Read) -> Action | None:
    """The same edits that ``lint --fix`` makes; ``None`` where a run would refuse them."""
    checked = result.checked
    apps = checked.apps
    if not finding.patch or finding.registration not in apps:
        return None
    try:
        edits = edits_for(finding, checked.reading, apps)
        by_path = _by_path(edits, result)
        later = check(result.checking.with_contents(_contents(by_path, read)))
    except (NotFixed, GrantlintError, OSError, ValueError):
        return None
    if objection(checked.report, later.checked.report, [finding], later.checked.apps):
        return None
    now = datetime.fromisoformat(checked.report.judged_at)
    is_safe = applicability(finding, apps[finding.registration], now) == "safe"
    warning = "" if is_safe else "; a client may stop working"
    title = f"Fix {finding.rule}: {finding.change or 'change the value'}{warning}"
    return Action(title, finding, by_path, is_preferred=is_safe)


def _suppression(finding: FindingRow, result: Result, positions: Positions, read: Read) -> Action | None:
    """A comment where the file may have one, else an entry of the configuration; ``None`` if neither has an effect."""
    for make in (_comment, _entry):
        try:
            by_path = make(finding, result, positions, read)
            if by_path and _accepts(by_path, finding, result, read):
                where = "a comment" if make is _comment else "the configuration"
                return Action(f"Accept {finding.rule} with a reason in {where}", finding, by_path, is_fix=False)
        except (GrantlintError, OSError, ValueError):
            continue
    return None


def _comment(
    finding: FindingRow, result: Result, positions: Positions, read: Read
) -> dict[str, list[Edit]]:
    """A comment on a line of its own, above the value."""
    path = os.path.realpath(result.checking.path)
    mark = _COMMENTS.get(path.rpartition(".")[2].casefold())
    if mark is None or finding.origin.line is None:
        return {}
    text = positions.text
    start = positions.line_start(positions.span_of(finding.origin)[0])
    indent = _INDENT.match(text, start)
    newline = "\r\n" if "\r\n" in text else "\n"
    line = f"{indent[0] if indent else ''}{mark} grantlint: ignore[{finding.rule}]: {REASON}{newline}"
    return {path: [Edit(path, start, start, line)]}


def _entry(finding: FindingRow, result: Result, positions: Positions, read: Read) -> dict[str, list[Edit]]:
    """A table ``[[suppress]]`` at the end of the configuration, which is made if there is none."""
    file = result.configuration.file
    path = os.path.realpath(Path(result.checking.root, file or "grantlint.toml"))
    text = read(path) if os.path.exists(path) else ""  # noqa: PTH110 - the path is a text
    table = "tool.grantlint.suppress" if path.endswith("pyproject.toml") else "suppress"
    row = result.checked.reading.row(finding.registration)
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = (
        f"[[{table}]]",
        f"rule = {_toml(finding.rule)}",
        f"registration = {_toml(row.app_id or row.name)}",
        *((f"value = {_toml(finding.value)}",) if finding.value else ()),
        f"reason = {_toml(REASON)}",
        "",
    )
    gap = "" if not text else newline if text.endswith("\n") else newline * 2
    return {path: [Edit(path, len(text), len(text), gap + newline.join(lines))]}


def _toml(text: str) -> str:
    """*text* as a string of TOML, which JSON's strings are except for the character DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _accepts(by_path: Mapping[str, list[Edit]], finding: FindingRow, result: Result, read: Read) -> bool:
    """Whether the edits accept the finding and change nothing else."""
    later = check(result.checking.with_contents(_contents(by_path, read))).checked.report
    before = [one.fingerprint for one in result.checked.report.findings if one.state == "new"]
    after = [one.fingerprint for one in later.findings if one.state == "new"]
    accepted = {one.fingerprint for one in later.findings if one.state == "suppressed"}
    return finding.fingerprint in accepted and set(after) < set(before)


def _by_path(edits: Iterator[Edit] | list[Edit] | tuple[Edit, ...], result: Result) -> dict[str, list[Edit]]:
    found: dict[str, list[Edit]] = {}
    for edit in edits:
        path = os.path.realpath(Path(result.checking.root, edit.file))
        found.setdefault(path, []).append(edit)
    return found


def _contents(by_path: Mapping[str, list[Edit]], read: Read) -> dict[str, bytes]:
    """The files after their edits, as the check reads them."""
    texts = {path: read(path) if os.path.exists(path) else "" for path in by_path}  # noqa: PTH110 - as above
    return {path: applied(texts[path], edits).encode() for path, edits in by_path.items()}
