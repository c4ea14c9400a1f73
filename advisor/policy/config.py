"""The configuration: ``grantlint.toml``, or ``[tool.grantlint]`` in ``pyproject.toml``, found from the working folder
upwards.

The nearest file holds; files are not merged. A profile is what a file starts from. Every mistake is one line with its
place and the nearest valid word.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from advisor.errors import ConfigurationError
from advisor.policy.additions import Added, read_additions
from advisor.policy.checks import (
    Known,
    check_grants,
    check_known,
    check_levels,
    check_settings,
    check_version,
    convert_file,
    nearest,
    read_answers,
    read_fail_on,
    read_names,
)
from advisor.policy.profiles import PROFILES, read_profile
from advisor.policy.suppressions import Requirements, Suppression
from advisor.policy.tables import KEYS, FileTable, OverrideTable, listed
from advisor.policy.toml_place import TomlPlace
from advisor.toml_text import parse_toml
from rules.model.settings import Settings


class Override(msgspec.Struct, frozen=True, kw_only=True):
    """Other rules and settings for the registrations that its patterns name."""

    registrations: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, str] = {}
    settings: Mapping[str, Any] = {}


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """What the organisation declares about a registration: the grant it is for, who answers for it."""

    grant: str = ""
    owner: str = ""
    line: int | None = None


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
    #: What reading one file may cost, by the names of ``advisor.limits.Limits``; the others are defaults.
    limits: Mapping[str, int] = {}
    suppressions: tuple[Suppression, ...] = ()
    requirements: Requirements = Requirements()
    overrides: tuple[Override, ...] = ()
    registrations: Mapping[str, Declared] = {}
    answers: Mapping[str, str] = {}
    tree: str = ""
    #: Which keys the file itself sets, and where; the others come from the profile or are defaults.
    places: Mapping[str, int] = {}


def find_configuration(start: Path) -> Path | None:
    """The nearest configuration file from *start* upwards; a ``pyproject.toml`` counts when it has
    ``[tool.grantlint]``.
    """
    for folder in (start, *start.parents):
        own = folder / "grantlint.toml"
        if own.is_file():
            return own
        shared = folder / "pyproject.toml"
        if shared.is_file():
            try:
                tool = tomllib.loads(shared.read_text("utf-8")).get("tool", {})
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
                continue  # not ours to complain about
            if isinstance(tool, dict) and "grantlint" in tool:
                return shared
    return None


def load_configuration(path: Path, known: Known) -> Configuration:
    """Read *path*. Raises ``ConfigurationError`` with file, line and column for anything that does not hold
    together.
    """
    shown = str(path)
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        what = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        raise ConfigurationError(what, file=shown, hint="name another file with --config") from None
    place = TomlPlace(shown, text)
    table = parse_toml(text, shown, ConfigurationError)
    if path.name == "pyproject.toml":
        table = table.get("tool", {}).get("grantlint", {})
    check_version(table, known.version, place)
    profile = table.get("profile", "")
    base = _profile(profile, path, known, place) if profile else Configuration()
    return _read(table, base, known, place, shown)


def _read(table: Mapping[str, Any], base: Configuration, known: Known, place: TomlPlace, shown: str) -> Configuration:
    """The tables of a file over those of its profile."""
    for key in table:
        if key not in KEYS:
            raise place.error(f"unknown key {key!r}", key, hint=nearest(key, KEYS))
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
    return Configuration(
        file=shown,
        profile=file.profile or base.profile,
        select=select or base.select,
        ignore=(*base.ignore, *ignore),
        preview=file.preview if "preview" in table else base.preview,
        added=(*base.added, *mine),
        fail_on=fail_on if "fail-on" in table else base.fail_on,
        baseline=file.baseline,
        severity={**base.severity, **file.severity},
        limits={**base.limits, **{key: getattr(file.limits, key) for key in table.get("limits", {})}},
        settings=settings_over(base.settings, table.get("settings", {})),
        suppressions=tuple(_suppressions(file, known, place, shown)),
        requirements=base.requirements.stricter(_requirements(file)),
        overrides=tuple(_override(row, index, known, place) for index, row in enumerate(file.override)),
        registrations={
            name: Declared(grant=row.grant, owner=row.owner, line=place.find(name)[0])
            for name, row in file.registrations.items()
        },
        answers={**base.answers, **answers},
        tree=file.advise.tree or base.tree,
        places={key: place.find(key)[0] for key in table},
    )


def _with(known: Known, added: tuple[Added, ...]) -> Known:
    """*known* with the names of the rules that are *added*."""
    return msgspec.structs.replace(
        known,
        rules=(*known.rules, *(one.rule.id for one in added)),
        families=tuple(dict.fromkeys((*known.families, *(one.rule.family for one in added)))),
    )


def _profile(name: Any, path: Path, known: Known, place: TomlPlace) -> Configuration:
    """What a profile says: one of ours by name, or an organisation's own by its path."""
    if not isinstance(name, str):
        raise place.error("profile must be a name or a path", "profile", hint=f"one of {', '.join(PROFILES)}")
    found = read_profile(name, path.parent)
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
    base = _profile(above, path, known, inner) if above else Configuration()
    return msgspec.structs.replace(_read(table, base, known, inner, shown), profile=name, suppressions=())


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
    )


def settings_over(base: Settings, table: Mapping[str, Any]) -> Settings:
    """*base* with the checked settings of *table* merged into it."""
    mine = msgspec.convert(table, Settings)
    fields = msgspec.structs.fields(Settings)
    return msgspec.structs.replace(
        base, **{field.name: getattr(mine, field.name) for field in fields if field.encode_name in table}
    )
