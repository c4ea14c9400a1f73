"""Show a report: on standard output, in files, and what a run says about itself on standard error."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from advisor.errors import UsageError, name_ends
from advisor.run.located import located, repository_root
from advisor.run.terminal_width import terminal_width
from reports.formats import FORMATS, PLANS, Format, format_for, format_named, load_formats
from reports.parts import SplitBy
from reports.report import Report
from reports.terminal.render import render_summary, render_terminal
from reports.view import View

#: At most this many written files are named one by one.
_NAMED = 5

Color = Literal["auto", "always", "never"]


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """Where a report goes, and how it is shown."""

    #: The format of standard output.
    format: str = "text"
    #: Files to write; the format follows from each name, or is a prefix: ``json:FILE``.
    files: tuple[Path, ...] = ()
    #: Files for the requests that fix new findings; the language follows from each name.
    fix_plans: tuple[Path, ...] = ()
    split_by: SplitBy | None = None
    color: Color = "auto"
    #: Print all findings, however many there are.
    full: bool = False
    concise: bool = False
    posture: bool = True
    #: Print nothing on either stream when the report has neither findings that fail nor problems.
    quiet: bool = False
    verbose: bool = False
    #: Say how many findings ``--fix`` can fix.
    fixable: bool = True

    def has_edits(self, findings: int) -> bool:
        """Whether the edits that fix *findings* findings in files are in the output, or in a part of it.

        Raises ``UsageError`` for no format.
        """
        least = min(findings, 1) if self.split_by else findings
        return any(least <= named.edits_up_to for named in self._formats())

    @property
    def has_details(self) -> bool:
        """Whether what registrations contain, or the requests that work for them, is in the output, or a fix plan is.

        Raises ``UsageError`` for no format.
        """
        return bool(self.fix_plans) or any(named.with_details for named in self._formats())

    def _formats(self) -> tuple[Format, ...]:
        return _named(self.format), *(_target(str(path))[1] for path in self.files)


def show(report: Report, output: Output, *, again: bool = False, in_one_line: bool = False) -> int:
    """Write *report* to the files of *output* and to standard output; return its exit status.

    A stored report that is shown *again* has no exit status of its own. Where the result is *in_one_line* that was
    already printed, as for a baseline that was written, a quiet run prints no more. Raises ``UsageError`` for an
    unknown format or file extension, for a file that cannot be written, and for parts without a file.
    """
    on_stdout = _named(output.format)
    in_files = [
        *((path, _as_shown(named, output)) for path, named in map(_target, map(str, output.files))),
        *(_plan(path, report) for path in output.fix_plans),
    ]
    if output.split_by and not in_files:
        raise UsageError("--split-by writes files and none is named", hint="add -o DIRECTORY/report.html")
    if output.split_by:
        _check_indexes(in_files)
    refuse_inputs([path for path, _ in in_files], [one.name for one in report.inputs if one.registrations])
    here = Path.cwd()
    report, for_pipelines = located(report, here, here), located(report, repository_root(here), here)
    written = [
        path
        for path, renderer in in_files
        for path in _write(for_pipelines if renderer.of_repository else report, path, renderer, output.split_by)
    ]
    if output.quiet and (again or in_one_line or report.summary.exit_status == 0):
        return report.summary.exit_status
    color = wants_color(output.color, terminal=sys.stdout.isatty())
    view = View(
        width=terminal_width(sys.stdout),
        color=color,
        links=_links(color=color, terminal=sys.stdout.isatty()),
        base=Path.cwd().as_uri() + "/",
        full=output.full,
        concise=output.concise,
        wraps=sys.stdout.isatty(),
        posture=output.posture,
        verbose=output.verbose,
        again=again,
    )
    shown = for_pipelines if on_stdout.of_repository else report
    text = render_terminal(report, view) if on_stdout.name == "text" else on_stdout.render(shown)
    print_text(text, sys.stdout)
    separate = bool(text) and on_stdout.name == "text" and sys.stdout.isatty() and sys.stderr.isatty()
    summary = render_summary(
        report,
        View(
            width=terminal_width(sys.stderr),
            full=output.full,
            again=again,
            verbose=output.verbose,
            fixable=output.fixable,
        ),
    )
    print_text(("\n" if separate and summary else "") + summary, sys.stderr)
    for line in _wrote(written, [path for path, _ in in_files]):
        print_text(line, sys.stderr)
    return report.summary.exit_status


def refuse_inputs(outputs: Iterable[Path], inputs: Iterable[str]) -> None:
    """Raise ``UsageError`` where one of the *outputs* is one of the *inputs*, which would be lost."""
    places = {os.path.realpath(name) for name in inputs}
    for path in outputs:
        if os.path.realpath(path) in places:
            raise UsageError(f"{path} is an input, and would be overwritten", hint="name another file with --output")


def _write(report: Report, path: Path, renderer: Format, split_by: SplitBy | None) -> Iterator[Path]:
    """Write the report, or its parts and their index; the paths of what was written, the index last."""
    if split_by is None:
        write_aside(path, renderer.pieces(report) if renderer.pieces else renderer.render(report))
        yield path
        return
    from advisor.run.reports import in_parts

    for part, text in in_parts(report, split_by, path, renderer):
        make_folder(part.parent)
        write_aside(part, text)
        yield part


def _check_indexes(outputs: Sequence[tuple[Path, Format]]) -> None:
    """Raise ``UsageError`` when the parts of two outputs have their index in the same file."""
    from advisor.run.reports import index_path

    seen: dict[Path, Path] = {}
    for path, renderer in outputs:
        index = index_path(path, renderer)
        if index in seen:
            what = f"the parts of {seen[index]} and {path} have the same index: {index}"
            raise UsageError(what, hint="give the two files different names before the extension")
        seen[index] = path


def _wrote(paths: Sequence[Path], wished: Collection[Path]) -> Iterator[str]:
    """One line for each file; many parts are counted, and one of those that were asked for is where to begin."""
    if len(paths) > _NAMED:
        first = next((path for path in paths if path in wished), paths[-1])
        yield f"wrote {len(paths):,} files; begin with {first}\n"
    else:
        yield from (f"wrote {path}\n" for path in paths)


def _as_shown(named: Format, output: Output) -> Format:
    """The format; a text file shows as much as the terminal does with ``--full`` or ``--verbose``."""
    if named.name != "text":
        return named
    view = View(full=output.full, verbose=output.verbose)
    return named._replace(render=lambda report: render_terminal(report, view))


def _named(format: str) -> Format:
    renderer = format_named(format)
    if renderer is None:
        raise UsageError(f"unknown format {format!r}", hint=f"one of {', '.join(FORMATS)}")
    return renderer


def _target(text: str) -> tuple[Path, Format]:
    """Where to write and as what: ``FORMAT:FILE``, or a name whose end says the format."""
    name, colon, rest = text.partition(":")
    named = format_named(name) if colon and rest else None
    if named is not None and rest == "-":
        raise UsageError(f"-o writes files, and {text!r} names standard output", hint=f"say --format {name} instead")
    if named is not None:
        return Path(rest), named
    path = Path(text)
    renderer = format_for(path.name)
    if renderer is None:
        raise UsageError(
            f"no format has the suffix of {path.name!r}",
            hint=f"end the name in one of {', '.join(suffix for row in load_formats() for suffix in row.suffixes)}, or "
            f"say the format: json:{text}",
        )
    return path, renderer


def _plan(path: Path, report: Report) -> tuple[Path, Format]:
    """Where to write a fix plan and in which language."""
    if report.redacted:
        raise UsageError(
            "a redacted report has no values to plan with", hint="use --redact and --fix-plan in separate runs"
        )
    renderer = format_for(path.name, PLANS)
    if renderer is None:
        known = ((suffix, plan.help) for plan in load_formats(PLANS) for suffix in plan.suffixes)
        raise UsageError(f"no fix plan has the suffix of {path.name!r}", hint=name_ends(known))
    return path, renderer


def make_folder(folder: Path) -> None:
    """Make a folder for many files. Raises ``UsageError`` when that is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from None


def write_aside(path: Path, text: str | Iterator[str]) -> None:
    """Write a temporary file next to *path* and rename it, so that no reader ever sees half of the text.

    The target of a link is replaced, not the link. A device or a pipe is never replaced: the text is written to it.
    Raises ``UsageError`` when that is not possible.
    """
    temporary: str | None = None
    try:
        target = path.resolve() if path.is_symlink() else path
        if path.exists() and not path.is_file():
            with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                file.writelines(_pieces(text) if isinstance(text, str) else text)
            return
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:40]}.", suffix=".tmp")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.writelines(_pieces(text) if isinstance(text, str) else text)
        mask = os.umask(0)
        os.umask(mask)
        Path(temporary).chmod(0o666 & ~mask)
        Path(temporary).replace(target)
        temporary = None
    except (OSError, ValueError, RuntimeError) as error:  # a zero byte in the name; links that lead to each other
        raise _unwritable(path, error) from None
    finally:  # a signal that ends the run leaves none either
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def _unwritable(path: Path, error: Exception) -> UsageError:
    return UsageError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}", hint="name another place")


def print_text(text: str, stream: object) -> None:
    """Write UTF-8 whatever the locale says; what the stream cannot take is shown as an escape."""
    if not text:
        return
    buffer = getattr(stream, "buffer", None)
    encoding = getattr(stream, "encoding", None) or "utf-8"
    if buffer is None:
        stream.write(text)  # type: ignore[attr-defined]
        return
    stream.flush()  # type: ignore[attr-defined]
    for piece in _pieces(text):
        buffer.write(piece.encode(encoding, "backslashreplace"))
    buffer.flush()


def print_bytes(data: bytes, stream: object) -> None:
    """Write *data* exactly as it is; to a stream without bytes, as UTF-8."""
    buffer = getattr(stream, "buffer", None)
    if buffer is None:
        stream.write(data.decode("utf-8", "backslashreplace"))  # type: ignore[attr-defined]
        return
    stream.flush()  # type: ignore[attr-defined]
    buffer.write(data)
    buffer.flush()


def _pieces(text: str, size: int = 1 << 20) -> Iterator[str]:
    """*text* in pieces, each of which is encoded by itself: a report may have hundreds of megabytes."""
    return (text[start : start + size] for start in range(0, len(text), size))


def _links(*, color: bool, terminal: bool) -> bool:
    """Whether the terminal is known to follow links (OSC 8); others may print the sequence. ``FORCE_HYPERLINK``
    decides.
    """
    force = os.environ.get("FORCE_HYPERLINK")
    if force is not None:
        return force not in ("", "0")
    if not (color and terminal) or os.environ.get("CI"):
        return False
    known = ("WT_SESSION", "KITTY_WINDOW_ID", "WEZTERM_PANE", "KONSOLE_VERSION", "GHOSTTY_RESOURCES_DIR", "DOMTERM")
    if any(os.environ.get(name) for name in known):
        return True
    vte = os.environ.get("VTE_VERSION", "0")
    return (vte.isdigit() and int(vte) >= 5000) or os.environ.get("TERM_PROGRAM") in ("iTerm.app", "vscode")


def wants_color(wish: Color, *, terminal: bool) -> bool:
    """Whether to use color: ``--color``, then ``NO_COLOR``, then ``FORCE_COLOR``/``CLICOLOR_FORCE``, then what the
    stream is.
    """
    if wish != "auto":
        return wish == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE", "0") != "0":
        return True
    return terminal and os.environ.get("TERM") != "dumb"
