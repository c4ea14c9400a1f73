"""The language server on a file of 2,000 lines: how long a check takes, and each answer to the editor."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

#: An answer may take this long, and so may a check of a file in JSON.
GOAL = 0.05


def answering(rounds: int, cpu: Callable, row: Callable) -> None:
    """CPU time of a check and of each answer, after one round that loads what they need."""
    from bench.corpus import graph_response
    from lsprotocol.types import Position, Range

    from advisor.run.session import clock_utc
    from advisor.server.actions import propose
    from advisor.server.check import Checking, check
    from advisor.server.completion import complete
    from advisor.server.diagnostics import diagnostics
    from advisor.server.hints import hints
    from advisor.server.hover import hover
    from advisor.server.positions import Positions

    apps = json.loads(graph_response(30))["value"]
    while len(json.dumps(apps, indent=2).splitlines()) > 2_000:
        apps.pop()
    text = json.dumps(apps, indent=2)
    lines = text.splitlines()
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "apps.json").resolve())
        Path(path).write_text(text, "utf-8")
        checking = Checking(path, str(Path(path).parent), {path: text.encode()})
        result, positions = check(checking), Positions(text)
        whole = Range(Position(0, 0), Position(len(lines), 0))
        requested = next(n for n, line in enumerate(lines) if '"resourceAccess"' in line)
        at = Position(next(n for n, line in enumerate(lines) if n > requested and '"id": "' in line), 20)
        answers = {
            "check": lambda: check(checking),
            "diagnostics": lambda: diagnostics(result, Positions(text)),
            "hover": lambda: hover(positions, at, result),
            "completion": lambda: complete(positions, at, "json"),
            "hints": lambda: hints(positions, whole, clock_utc(), dates=True),
            "actions": lambda: list(propose(result, positions, positions.span(Range(at, at)))),
        }
        for name, answer in answers.items():
            answer()
            row(f"server: {name}, {len(lines):,} lines", cpu(answer, max(rounds, 5)), GOAL, 1.0, "50 ms")
