"""Code actions: fix a finding, or accept it with a reason. Each edit is checked before it is offered."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
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

#: Edits by resolved path. A file that does not exist yet has an empty text.
Edits = dict[str, list[Edit]]
#: Gives the text of a file by its resolved path, as the editor or the disk has it. Raises ``OSError``.
Read = Callable[[str], str]


class Action(NamedTuple):
    """What can be done about a *finding*: its fix, or its acceptance."""

    finding: FindingRow
    title: str
    is_fix: bool
    is_preferred: bool = False


def propose(result: Result, positions: Positions, span: Span) -> Iterator[Action]:
    """What may be done about the findings whose value overlaps the *span*."""
    for finding in result.findings:
        start, end = positions.span_of(finding.origin)
        if start <= span[1] and span[0] <= end:
            yield from _fix(finding, result)
            yield Action(finding, f"Accept {finding.rule} with a reason", is_fix=False)


def _fix(finding: FindingRow, result: Result) -> Iterator[Action]:
    checked = result.checked
    apps = checked.apps
    if not finding.patch or finding.registration not in apps:
        return
    try:
        edits_for(finding, checked.reading, apps)
    except NotFixed:
        return
    now = datetime.fromisoformat(checked.report.judged_at)
    is_safe = applicability(finding, apps[finding.registration], now) == "safe"
    warning = "" if is_safe else "; a client may stop working"
    title = f"Fix {finding.rule}: {finding.change or 'change the value'}{warning}"
    yield Action(finding, title, is_fix=True, is_preferred=is_safe)


def edits_of(finding: FindingRow, result: Result, positions: Positions, read: Read, *, fix: bool) -> Edits:
    """The edits that *fix* a finding or accept it, which were checked; *read* gives the texts that are edited.

    Raises ``NotFixed`` with the reason where a check of the edited files objects.
    """
    try:
        return _fixed(finding, result, read) if fix else _accepted(finding, result, positions, read)
    except (GrantlintError, OSError, ValueError) as error:
        raise NotFixed("a file could not be read") from error


def _fixed(finding: FindingRow, result: Result, read: Read) -> Edits:
    """The same edits that ``lint --fix`` makes."""
    checked = result.checked
    found: Edits = {}
    for edit in edits_for(finding, checked.reading, checked.apps):
        path = os.path.realpath(Path(result.checking.root, edit.file))
        found.setdefault(path, []).append(edit)
    later = check(result.checking.with_contents(_contents(found, read))).checked
    if reason := objection(checked.report, later.report, [finding], later.apps):
        raise NotFixed(reason)
    return found


def _accepted(finding: FindingRow, result: Result, positions: Positions, read: Read) -> Edits:
    """A comment where the file may have one and it has the effect, else an entry of the configuration."""
    before = [one.fingerprint for one in result.checked.report.findings if one.state == "new"]
    for found in (_comment(finding, result, positions), _entry(finding, result, read)):
        later = check(result.checking.with_contents(_contents(found, read))).checked.report
        after = [one.fingerprint for one in later.findings if one.state == "new"]
        if found and finding.fingerprint not in after and set(after) < set(before):
            return found
    raise NotFixed("the configuration requires more details of a suppression")


def _comment(finding: FindingRow, result: Result, positions: Positions) -> Edits:
    """A comment on a line of its own, above the value."""
    path = os.path.realpath(Path(result.checking.root, result.checking.path))
    mark = _COMMENTS.get(path.rpartition(".")[2].casefold())
    if mark is None or finding.origin.line is None:
        return {}
    text = positions.text
    start = positions.line_start(positions.span_of(finding.origin)[0])
    indent = _INDENT.match(text, start)
    newline = "\r\n" if "\r\n" in text else "\n"
    line = f"{indent[0] if indent else ''}{mark} grantlint: ignore[{finding.rule}]: {REASON}{newline}"
    return {path: [Edit(path, start, start, line)]}


def _entry(finding: FindingRow, result: Result, read: Read) -> Edits:
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


def _contents(edits: Edits, read: Read) -> dict[str, bytes]:
    """The files after their edits, as the check reads them."""
    texts = {path: read(path) if os.path.exists(path) else "" for path in edits}  # noqa: PTH110 - as above
    return {path: applied(texts[path], some).encode() for path, some in edits.items()}
