"""The configuration: ``grantlint.toml``, or ``[tool.grantlint]`` in ``pyproject.toml``, found from the working folder
upwards.

The nearest file holds; files are not merged. A profile is what a file starts from. Every mistake is one line with its
place and the nearest valid word.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from advisor.errors import ConfigurationError
from advisor.policy.additions import Added, read_additions
from advisor.policy.checks import (
    Known,
    Place,
    check_grants,
    check_known,
    check_levels,
    check_locks,
    check_settings,
    check_version,
    convert_file,
    place_of_key,
    read_answers,
    read_fail_on,
    read_lock,
    read_names,
)
from advisor.policy.patterns import is_about, is_below
from advisor.policy.profiles import PROFILES, read_profile
from advisor.policy.renamed import with_new_names
from advisor.policy.suppressions import Requirements, Suppression
from advisor.policy.tables import KEYS, FileTable, OverrideTable, listed
from advisor.policy.toml_place import TomlPlace
from advisor.toml_text import parse_toml
from reports.rows import RegistrationRow
from rules.model.settings import Settings


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """Other rules and settings for the registrations that its patterns name."""

    registrations: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, str] = {}
    settings: Mapping[str, Any] = {}
    file: str = ""
    line: int | None = None
    #: The folder that it is limited to, that of a file of its own; empty for all.
    folder: str = ""


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """What the organization declares about a registration: the grant that it is for, and who owns it.

    ``name`` is its name or ID, or a pattern of these.
    """

    name: str = ""
    grant: str = ""
    owner: str = ""
    file: str = ""
    line: int | None = None
    folder: str = ""

    def is_about(self, row: RegistrationRow) -> bool:
        """Whether a registration is meant."""
        return is_about(row, (self.name,)) and (not self.folder or is_below(row.origin.file, self.folder))


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """What a configuration file says. ``select`` and ``ignore`` name rules or families; nothing selected means all.

    ``added`` are its own rules and those of its packs, ``preview`` says that rules in preview run too.
    """

    file: str | None = None
    profile: str = ""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    preview: bool = False
    added: tuple[Added, ...] = ()
    fail_on: str = "low"
    baseline: str = ""
    severity: Mapping[str, str] = {}
    settings: Settings = Settings()
    #: The top-level keys and the settings that the file itself has, without those of its profile.
    keys: tuple[str, ...] = ()
    own_settings: Mapping[str, Any] = {}
    #: Old names of renamed rules, each with the key and the place that have it.
    old_names: tuple[tuple[str, str, Place], ...] = ()
    #: What reading one file may cost, by the names of ``advisor.limits.Limits``; the others are defaults.
    limits: Mapping[str, int] = {}
    suppressions: tuple[Suppression, ...] = ()
    requirements: Requirements = Requirements()
    overrides: tuple[Override, ...] = ()
    registrations: tuple[Declared, ...] = ()
    answers: Mapping[str, str] = {}
    tree: str = ""
    #: The keys that files below it may not set.
    locks: Mapping[str, Place] = {}
    #: Where each key is set, by its dotted name, in the file or its profile; the others are defaults.
    places: Mapping[str, Place] = {}

    def path_of(self, key: str, name: str) -> Path:
        """The path that *key* gives as *name*, seen from the folder of the file that sets it."""
        place = self.places.get(key)
        return Path(place.file if place else self.file or ".").parent / name


#: Where the text of a file is, by its path: that path itself, or a copy of how it was at a revision.
Places = Callable[[Path], Path]


def as_it_is(path: Path) -> Path:
    """The place of a file in the working tree."""
    return path


def find_configuration(start: Path, place: Places = as_it_is) -> Path | None:
    """The nearest configuration file from *start* upwards; a ``pyproject.toml`` counts when it has
    ``[tool.grantlint]``.
    """
    for folder in (start, *start.parents):
        own = folder / "grantlint.toml"
        if place(own).is_file():
            return own
        shared = folder / "pyproject.toml"
        if place(shared).is_file():
            try:
                tool = tomllib.loads(place(shared).read_text("utf-8")).get("tool", {})
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
                continue  # not ours to complain about
            if isinstance(tool, dict) and "grantlint" in tool:
                return shared
    return None


def load_configuration(
    path: Path, known: Known, place_of: Places = as_it_is, *, above: Configuration | None = None
) -> Configuration:
    """Read *path*. Raises ``ConfigurationError`` with file, line and column for anything that is not valid.

    A file in a folder of the run is on top of the configuration *above*: it may not set what that one locks, and is
    read without its profile.
    """
    shown = str(path)
    try:
        text = place_of(path).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        raise ConfigurationError(what, file=shown, hint="name another file with --config") from None
    place = TomlPlace(shown, text)
    table = parse_toml(text, shown, ConfigurationError)
    if path.name == "pyproject.toml":
        table = table.get("tool", {}).get("grantlint", {})
    check_version(table, known.version, place)
    profile = table.get("profile", "")
    if above is not None:
        base = Configuration(added=above.added, locks=above.locks)
    else:
        base = _profile(profile, path, known, place, place_of) if profile else Configuration()
    return _read(table, base, known, place, shown)


def _read(table: Mapping[str, Any], base: Configuration, known: Known, place: TomlPlace, shown: str) -> Configuration:
    """The tables of a file over those of its profile."""
    table, old_names = with_new_names(table)
    for key in table:
        if key not in KEYS:
            raise place.error(f"unknown key {key!r}", key, hint=place_of_key(key))
    check_locks(table, base.locks, known.family_of, place)
    mine = read_additions(table, known, base.added, place)
    known = _with(known, (*base.added, *mine))
    names = (*known.rules, *known.families)
    select = read_names(table, "select", names, place)
    ignore = read_names(table, "ignore", names, place)
    fail_on = read_fail_on(table, place)
    check_settings(table.get("settings", {}), place, "settings")
    check_levels(table.get("severity", {}), known.rules, place, "severity")
    answers = read_answers(table.get("advise", {}), known.questions, place)
    file = convert_file(table, place)
    check_grants(file.registrations, known.grants, place)
    check_known(file.ignorable, names, place, "ignorable", "ignorable")
    locks = {key: Place(shown, line) for key, line in read_lock(table, known, place).items()}
    lines = {**_lines(table, place.keys()), **{f"ignore.{name}": place.find("ignore", name)[0] for name in ignore}}
    lines |= {f"lock.{key}": found.line for key, found in locks.items()}
    own_requirements = _requirements(file)
    requirements = base.requirements.stricter(own_requirements)
    for key, value in requirements.values().items():
        if own_requirements.values().get(key) != value:
            lines.pop(key, None)  # that of the profile is stricter and counts
    return Configuration(
        file=shown,
        profile=file.profile or base.profile,
        select=select or base.select,
        ignore=(*base.ignore, *ignore),
        preview=file.preview if "preview" in table else base.preview,
        added=(*base.added, *mine),
        fail_on=fail_on if "fail-on" in table else base.fail_on,
        baseline=file.baseline or base.baseline,
        severity={**base.severity, **file.severity},
        limits={**base.limits, **{key: getattr(file.limits, key) for key in table.get("limits", {})}},
        settings=settings_over(base.settings, table.get("settings", {})),
        suppressions=(*base.suppressions, *_suppressions(file, known, place, shown)),
        requirements=requirements,
        overrides=(
            *base.overrides,
            *(_override(row, index, known, place) for index, row in enumerate(file.override)),
        ),
        registrations=(
            *(
                Declared(name=name, grant=row.grant, owner=row.owner, file=shown, line=place.find(name)[0])
                for name, row in file.registrations.items()
            ),
            *(one for one in base.registrations if one.name not in file.registrations),
        ),
        answers={**base.answers, **answers},
        tree=file.advise.tree or base.tree,
        keys=tuple(table),
        own_settings=table.get("settings", {}),
        old_names=(*base.old_names, *((name, key, Place(shown, place.find(key, name)[0])) for key, name in old_names)),
        locks={**base.locks, **locks},
        places={**base.places, **{key: Place(shown, line) for key, line in lines.items()}},
    )


def _lines(table: Mapping[str, Any], keys: Mapping[str, int], above: str = "") -> dict[str, int]:
    """The line of each key of *table*, by dotted names; one in a table on a single line has the line of that table."""
    found = {}
    for key, value in table.items():
        name = f"{above}{key}"
        found[name] = keys.get(name) or keys.get(above.rstrip("."), 1)
        if isinstance(value, dict):
            found |= _lines(value, {**{f"{name}.{inner}": found[name] for inner in value}, **keys}, f"{name}.")
    return found


def _with(known: Known, added: tuple[Added, ...]) -> Known:
    """*known* with the names of the rules that are *added*."""
    return msgspec.structs.replace(
        known,
        rules=(*known.rules, *(one.rule.id for one in added)),
        families=tuple(dict.fromkeys((*known.families, *(one.rule.family for one in added)))),
    )


def _profile(name: Any, path: Path, known: Known, place: TomlPlace, place_of: Places) -> Configuration:
    """What a profile says: one of ours by name, or an organization's own by its path."""
    if not isinstance(name, str):
        raise place.error("profile must be a name or a path", "profile", hint=f"one of {', '.join(PROFILES)}")
    try:
        found = read_profile(name, path.parent, place_of)
    except (OSError, UnicodeDecodeError) as error:
        what = f"profile {name!r} cannot be read: {getattr(error, 'strerror', None) or error}"
        raise place.error(what, "profile", hint="name another file") from None
    if found is None:
        hint = f"one of {', '.join(PROFILES)}, or the path of a .toml file"
        raise place.error(f"unknown profile {name!r}", "profile", hint=hint)
    shown, text = found
    table = parse_toml(text, shown, ConfigurationError)
    inner = TomlPlace(shown, text)
    above = table.get("profile", "")
    if above and above not in PROFILES:
        raise inner.error(
            "a profile may start from a built-in one only", "profile", hint=f"one of {', '.join(PROFILES)}"
        )
    base = _profile(above, path, known, inner, place_of) if above else Configuration()
    return msgspec.structs.replace(_read(table, base, known, inner, shown), profile=name)


def _requirements(file: FileTable) -> Requirements:
    row = file.suppressions
    return Requirements(
        max_days=row.max_suppression_days,
        owner=row.require_owner,
        until=row.require_until,
        value=row.require_value,
        fixed=frozenset(name for name, ignorable in file.ignorable.items() if not ignorable),
    )


def _suppressions(file: FileTable, known: Known, place: TomlPlace, shown: str) -> Iterable[Suppression]:
    names = (*known.rules, *known.families)
    for index, row in enumerate(file.suppress):
        rules = listed(row.rule)
        check_known(rules, names, place, "suppress", "rule", table="suppress", number=index)
        yield Suppression(
            rules=rules,
            registrations=listed(row.registration),
            paths=listed(row.path),
            values=listed(row.value),
            reason=row.reason.strip(),
            owner=row.owner.strip(),
            until=row.until,
            file=shown,
            line=place.find(table="suppress", number=index)[0],
        )


def _override(row: OverrideTable, index: int, known: Known, place: TomlPlace) -> Override:
    names = (*known.rules, *known.families)
    if not row.registration and not row.path:
        raise place.error(
            "an override names no registration and no path",
            table="override",
            number=index,
            hint="add registration or path",
        )
    check_known(row.ignore, names, place, "ignore", "ignore", table="override", number=index)
    check_levels(row.severity, known.rules, place, "override.severity")
    check_settings(row.settings, place, "override.settings")
    return Override(
        registrations=listed(row.registration),
        paths=listed(row.path),
        ignore=tuple(row.ignore),
        severity=row.severity,
        settings=row.settings,
        file=place.file,
        line=place.find(table="override", number=index)[0],
    )


def settings_over(base: Settings, table: Mapping[str, Any]) -> Settings:
    """*base* with the checked settings of *table* merged into it."""
    mine = msgspec.convert(table, Settings)
    fields = msgspec.structs.fields(Settings)
    return msgspec.structs.replace(
        base, **{field.name: getattr(mine, field.name) for field in fields if field.encode_name in table}
    )
