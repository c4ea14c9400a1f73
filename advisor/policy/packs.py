"""Rule packs: rules in Python that an organization installs next to grantlint and names in its configuration.

A pack's code runs as part of grantlint, and a configuration may come with a pull request. So a name in a configuration
never leads to a file of the working folder: a pack is a distribution in the site-packages of this interpreter that says
itself, by an entry point of the group ``grantlint.packs``, that it is one. What is not installed, or does not say so,
is not imported; and before the first pack is imported the working folder, with what lies in it, leaves the module
search path: ``python -m`` and PYTHONPATH put it there. So a pack that is installed as editable from there is not found.

Source: Python Packaging User Guide, "Entry points specification".
"""

from __future__ import annotations

import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path
from typing import Any, Final

import msgspec

from advisor.policy.checks import nearest
from rules.engine.rule import Rule

#: The group of entry points by which a distribution says that it has rules.
GROUP: Final = "grantlint.packs"

#: The version of what ``from grantlint import ...`` offers. It grows when a pack may have to be changed.
API_VERSION: Final = "1"


class PackError(Exception):
    """A pack that cannot be used: what is wrong in one line, and what to do."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


class Pack(msgspec.Struct, frozen=True):
    """A pack that was loaded: its name in the configuration, the distribution that it came with, its rules."""

    name: str
    distribution: str
    rules: tuple[Rule, ...]


def site_folders() -> tuple[str, ...]:
    """Where distributions of this interpreter are installed; not what PYTHONPATH or the working folder add."""
    folders = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    return tuple(dict.fromkeys(folder for folder in folders if Path(folder).is_dir()))


def load_pack(name: str, folders: Iterable[str] | None = None) -> Pack:
    """Import the pack *name*, of a distribution in *folders* (those of this interpreter when not given).

    Raises ``PackError`` for a pack that is not installed, cannot be imported, is made for another version of
    grantlint's interface, or has no rules.
    """
    found = dict(_installed(site_folders() if folders is None else folders))
    if name not in found:
        hint = "install the pack in grantlint's environment; the pack must declare the entry point grantlint.packs"
        raise PackError(f"no pack {name!r} is installed", nearest(name, found) if found else hint)
    entry, distribution = found[name]
    leave_working_folder()
    try:
        module = import_module(entry.module)
    except (Exception, SystemExit) as error:  # whatever the module does when it is imported
        what = f"pack {name!r} cannot be imported: {type(error).__name__}: {_line(error)}"
        raise PackError(what, f"fix or reinstall {distribution}") from None
    return Pack(name, distribution, _rules_of(module, name, distribution))


def _installed(folders: Iterable[str]) -> Iterator[tuple[str, tuple[EntryPoint, str]]]:
    """Every pack by its name, with its entry point and the distribution that declares it."""
    for distribution in distributions(path=list(folders)):
        for entry in distribution.entry_points:
            if entry.group == GROUP:
                yield entry.name, (entry, _called(distribution))


def _called(distribution: Distribution) -> str:
    return f"{distribution.metadata['Name']} {distribution.version}"


def leave_working_folder() -> None:
    """Take the working folder and what lies in it off the module search path.

    An interpreter may lie there too, as a virtual environment does: its own folders stay, and so does grantlint.
    """
    here = Path.cwd().resolve()
    kept = {Path(folder).resolve() for folder in site_folders()} | {Path(__file__).resolve().parents[2]}
    inside = [prefix for prefix in _prefixes() if prefix.is_relative_to(here)]

    def stays(entry: str) -> bool:
        folder = Path(entry).resolve()
        if entry and (folder in kept or not folder.is_relative_to(here)):
            return True
        return bool(entry) and any(prefix in folder.parents for prefix in inside)

    sys.path[:] = [entry for entry in sys.path if stays(entry)]


def _prefixes() -> Iterator[Path]:
    yield from (Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix))


def _rules_of(module: Any, name: str, distribution: str) -> tuple[Rule, ...]:
    wanted = getattr(module, "REQUIRES", None)
    if wanted is None:
        hint = f'add REQUIRES = "{API_VERSION}" next to RULES'
        raise PackError(f"pack {name!r} does not say which version of grantlint's interface it is made for", hint)
    if wanted != API_VERSION:
        what = (
            f"pack {name!r} is made for version {_line(wanted)} of grantlint's interface, and this is version "
            f"{API_VERSION}"
        )
        raise PackError(what, f"install another version of {distribution.partition(' ')[0]}, or of grantlint")
    found = getattr(module, "RULES", None)
    if not isinstance(found, tuple | list) or not found:
        raise PackError(f"pack {name!r} has no RULES", "define RULES as a tuple of the functions with @rule")
    for item in found:
        if not isinstance(item, Rule):
            what = f"pack {name!r}: RULES contains {_line(getattr(item, '__name__', item))}, which is not a rule"
            raise PackError(what, "decorate the function with @rule")
    return tuple(found)


def _line(value: object) -> str:
    """*value* as a short text on one line."""
    text = " ".join(str(value).split())
    return text if len(text) <= 200 else text[:199] + "…"
