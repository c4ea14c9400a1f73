"""Profiles: documented sets of settings that a configuration starts from, ours as TOML in this folder."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

#: The built-in profiles. Without one, ``recommended`` holds: every stable rule as it is.
PROFILES: Final = ("strict", "recommended", "legacy")


def read_profile(name: str, folder: Path) -> tuple[str, str] | None:
    """What the profile is called in messages, and its text: ours by name, or a file (its path is seen from *folder*).

    ``None`` when there is none of that name.
    """
    if name in PROFILES:
        return f"profile {name}", (files("advisor.policy.profiles") / f"{name}.toml").read_text("utf-8")
    path = folder / name
    if path.suffix != ".toml" or not path.is_file():
        return None
    return str(path), path.read_text("utf-8-sig")
