"""Edits of files as readers see them: the lines after a change, and a diff that shows lines and no context."""

from __future__ import annotations

from collections.abc import Iterator

from reports.escape import visible, visible_line
from reports.rows import FileEdit, Replacement


def lines_after(one: Replacement) -> list[str] | None:
    """The lines after the change; nothing where they are not known, or where not all of them are visible."""
    if not one.before or visible(one.file) != one.file:
        return None
    lines = one.before.split("\n")
    last = one.end_line - one.line
    if last >= len(lines):
        return None
    changed = f"{lines[0][: one.column - 1]}{one.text}{lines[last][one.end_column - 1 :]}"
    after = [line.removesuffix("\r") for line in (*changed.split("\n"), *lines[last + 1 :])]
    return after if all(visible_line(line) == line.replace("\t", "  ") for line in after if line) else None


def file_diff(edit: FileEdit | None) -> str:
    """The unified diff of an *edit* without context, for ``git apply --unidiff-zero``; empty where it is not known."""
    found = sorted(edit.replacements, key=lambda one: (one.file, one.line)) if edit is not None else []
    last: tuple[str, int] = ("", 0)
    moved = 0
    lines: list[str] = []
    for one in found:
        after, before = lines_after(one), [line.removesuffix("\r") for line in one.before.split("\n")]
        if after is None or (one.file == last[0] and one.line <= last[1]):
            return ""
        if one.file != last[0]:
            lines += (f"--- a/{one.file}", f"+++ b/{one.file}")
            moved = 0
        lines += _hunk(one.line, before, after, moved)
        moved += len(after) - len(before)
        last = (one.file, one.line + len(before) - 1)
    return "\n".join(lines)


def _hunk(line: int, before: list[str], after: list[str], moved: int) -> Iterator[str]:
    yield f"@@ -{line},{len(before)} +{line + moved},{len(after)} @@"
    yield from (f"-{text}" for text in before)
    yield from (f"+{text}" for text in after)
