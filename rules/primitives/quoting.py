"""Quote a text so that a shell reads exactly that text. Pure functions."""

from __future__ import annotations


def for_shell(text: str) -> str:
    """A word that a POSIX shell reads as *text* (XCU 2.2.2: nothing is special in single quotes)."""
    return "'" + text.replace("'", "'\\''") + "'"


def for_powershell(text: str) -> str:
    """An argument that PowerShell reads as *text*, which is ASCII.

    In single quotes nothing is special but the quote itself, which is doubled (PowerShell, "about_Quoting_Rules").
    """
    return "'" + text.replace("'", "''") + "'"
