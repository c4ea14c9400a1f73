"""Configuration files in folders: each is for the registrations in its folder, on top of the one that the run uses."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from advisor.policy.checks import Known
from advisor.policy.config import Configuration, Override, Places, as_it_is, load_configuration

NAME: Final = "grantlint.toml"
#: What a file in a folder can say; all other keys are for a whole run.
_PER_FOLDER: Final = frozenset(
    ("required-version", "ignore", "severity", "settings", "suppress", "override", "registrations")
)


class InFolders(msgspec.Struct, frozen=True):
    """The configuration with those of folders in it, their files, and sentences about what has no effect."""

    configuration: Configuration
    files: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def find_in_folders(names: Iterable[str], at: Path, top: Path, place: Places = as_it_is) -> tuple[str, ...]:
    """The folders below *top* with a configuration file of their own, the outer ones first.

    *names* are files with registrations, seen from the folder *at*; so are the folders that are returned.
    """
    found = {}
    for folder in dict.fromkeys(_folders(names)):
        whole = Path(posixpath.normpath((at / folder).as_posix()))
        if whole != top and whole.is_relative_to(top) and place(whole / NAME).is_file():
            found[folder] = len(whole.parts)
    return tuple(sorted(found, key=lambda folder: (found[folder], folder)))


def _folders(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        yield from map(str, PurePosixPath(posixpath.normpath(name.replace("\\", "/"))).parents)


def with_folders(
    configuration: Configuration, folders: Iterable[str], at: Path, known: Known, place: Places = as_it_is
) -> InFolders:
    """Add to *configuration* the files of *folders*; inner ones come last, so that they count.

    Raises ``ConfigurationError`` for a file that is not valid or sets what an outer one locks.
    """
    files, notes = [], []
    for folder in folders:
        path = at / folder / NAME
        own = load_configuration(path, known, place, above=configuration)
        shown = posixpath.join(folder, NAME)
        files.append(shown)
        idle = [key for key in own.keys if key not in _PER_FOLDER]
        if idle:
            notes.append(
                f"{shown}: {', '.join(idle)} {'has' if len(idle) == 1 else 'have'} no effect in a folder of the run; "
                f"set {'it' if len(idle) == 1 else 'them'} in {configuration.file or 'the configuration of the run'}."
            )
        for rule in _ignored_above(configuration, own, known):
            notes.append(f"{shown}: severity of {rule} has no effect, because the rule is turned off for the run.")
        configuration = _over(configuration, own, folder)
    return InFolders(configuration, tuple(files), tuple(notes))


def _ignored_above(configuration: Configuration, own: Configuration, known: Known) -> Iterator[str]:
    """The rules to which *own* gives a severity although the *configuration* turns them off."""
    off = {*configuration.ignore, *(rule for rule, level in configuration.severity.items() if level == "off")}
    for rule, level in own.severity.items():
        if level != "off" and not off.isdisjoint((rule, known.family_of.get(rule))):
            yield rule


def _over(configuration: Configuration, own: Configuration, folder: str) -> Configuration:
    """*configuration* with what a file in *folder* says of the registrations there."""
    lines = [own.places[key].line for key in ("ignore", "severity", "settings") if key in own.places]
    everything = Override(
        ignore=own.ignore,
        severity=own.severity,
        settings=own.own_settings,
        file=own.file or "",
        line=min(lines, default=1),
        folder=folder,
    )
    mine = [everything] if everything.ignore or everything.severity or everything.settings else []
    mine += [msgspec.structs.replace(one, folder=folder) for one in own.overrides]
    declared = (msgspec.structs.replace(one, folder=folder) for one in own.registrations)
    suppressions = (msgspec.structs.replace(one, folder=folder) for one in own.suppressions)
    return msgspec.structs.replace(
        configuration,
        suppressions=(*configuration.suppressions, *suppressions),
        overrides=(*configuration.overrides, *mine),
        registrations=(*declared, *configuration.registrations),
        locks={**configuration.locks, **own.locks},
    )
