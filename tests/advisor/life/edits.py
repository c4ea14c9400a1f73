"""The edits of a step: what a pull request does to files, and to the repository itself.

An edit is a table with one of these: ``text`` writes a *file*; ``old`` is replaced by ``new`` in it; ``move`` is
renamed ``to``; ``delete`` is removed; ``link`` leads to ``to``; ``crlf`` gets line ends of Windows; ``indent`` is
formatted with seven blanks; ``reverse`` has its registrations turned around; ``fix`` gets what its fix plan says;
``git`` runs a command of git, ``run`` one of grantlint.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.conftest import Run

Command = Callable[..., Run]
Edit = Mapping[str, Any]

_GIT = (
    "git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false", "-c",
    "core.autocrlf=false", "-c", "protocol.file.allow=always",
)  # fmt: skip


def git(*arguments: str) -> str:
    """What git prints; it must succeed."""
    run = subprocess.run([*_GIT, *arguments], capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"git {' '.join(arguments)}: {run.stdout}{run.stderr}"
    return run.stdout.strip()


def apply(edit: Edit, grantlint: Command, today: str) -> None:
    """Change files of the working folder as *edit* says."""
    if "git" in edit:
        git(*edit["git"].format(here=Path.cwd().as_uri()).split(" "))
    elif "run" in edit:
        grantlint(*edit["run"].split(" "), "--today", today)
    elif "move" in edit:
        Path(edit["to"]).parent.mkdir(parents=True, exist_ok=True)
        shutil.move(edit["move"], edit["to"])
    elif "delete" in edit:
        Path(edit["delete"]).unlink()
    elif "link" in edit:
        Path(edit["link"]).unlink(missing_ok=True)
        Path(edit["link"]).symlink_to(edit["to"])
    elif "fix" in edit:
        _fix(Path(edit["fix"]), grantlint, today)
    else:
        name = next(edit[key] for key in ("file", "crlf", "indent", "reverse") if key in edit)
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_edited(path, edit))


def _edited(path: Path, edit: Edit) -> bytes:
    if "text" in edit:
        return str(edit["text"]).encode()
    data = path.read_bytes()
    if "old" in edit:
        assert data.count(edit["old"].encode()) == 1, (
            f"{path} has {edit['old']!r} {data.count(edit['old'].encode())} times"
        )
        return data.replace(edit["old"].encode(), edit["new"].encode())
    if "crlf" in edit:
        return data.replace(b"\n", b"\r\n")
    document = json.loads(data)
    if "reverse" in edit:
        document["value"].reverse()
    return json.dumps(document, indent=7).encode()


def _fix(path: Path, grantlint: Command, today: str) -> None:
    """Apply the requests of the fix plan for *path* to the registrations in it, as Graph does."""
    plan = Path("plan.http")
    grantlint("lint", path, "--isolated", "--fix-plan", plan, "--today", today)
    document = json.loads(path.read_bytes())
    registrations = {one["appId"]: one for one in document.get("value", [document])}
    requests = re.findall(r"^PATCH \S+appId='([^']+)'\)\n(?:\S.*\n)*\n(\{.*?^\})", plan.read_text(), re.M | re.S)
    assert requests, plan.read_text()
    for app_id, body in requests:
        _merge(registrations[app_id], json.loads(body))
    path.write_text(json.dumps(document, indent=2))
    plan.unlink()


def _merge(there: dict[str, Any], body: Mapping[str, Any]) -> None:
    for key, value in body.items():
        if isinstance(value, dict) and isinstance(there.get(key), dict):
            _merge(there[key], value)
        else:
            there[key] = value
