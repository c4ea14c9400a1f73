"""Profiles: documented sets of settings that a configuration starts from, ours as TOML in this folder."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Final

#: The built-in profiles. Without one, ``recommended`` holds: every stable rule as it is.
PROFILES: Final = ("strict", "recommended", "legacy")


def is_built_in(file: str) -> bool:
    """Whether *file* is what messages call a profile of ours."""
    return file in {f"profile {name}" for name in PROFILES}


def read_profile(name: str, folder: Path, place: Callable[[Path], Path]) -> tuple[str, str] | None:
    """What the profile is called in messages, and its text: ours by name, or a file (its path is seen from *folder*).
    *place* says where the text of a file is.

    ``None`` when there is none of that name.
    """
    if name in PROFILES:
        return f"profile {name}", (files("advisor.policy.profiles") / f"{name}.toml").read_text("utf-8")
    path = folder / name
    if path.suffix != ".toml" or not place(path).is_file():
        return None
    return str(path), place(path).read_text("utf-8-sig")
