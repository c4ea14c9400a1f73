"""What is checked of a configuration beyond its types: names that exist, values that mean something; each with its
place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final

import msgspec

from advisor.errors import ConfigurationError
from advisor.policy.renamed import new_names
from advisor.policy.tables import KEYS, LOCKABLE, FileTable, LimitsTable, RegistrationTable, RequirementsTable
from advisor.policy.toml_place import TomlPlace
from rules.model.finding import SEVERITIES
from rules.model.settings import Settings

#: ``--fail-on`` and ``fail-on``: a severity, or never.
FAIL_ON: Final = (*SEVERITIES, "never")
#: What ``[severity]`` may say of a rule.
LEVELS: Final = (*SEVERITIES, "off")

#: How alike a word and a name are (``difflib``) for one to be a misspelling of the other: ``lint`` is not ``limits``.
_ALIKE: Final = 0.75

#: Keys of other linters, and what to write instead.
_MEANT: Final[Mapping[str, str]] = {
    "lint": "write its keys at the top level, such as select and ignore",
    "rules": "write select and ignore at the top level, and severities in [severity]",
    "accept": "did you mean 'suppress'?",
}


class Place(msgspec.Struct, frozen=True):
    """Where something is configured: the file, or the profile of ours, and the line."""

    file: str
    line: int


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """The names that a configuration may use. ``questions`` gives each question of the tree with its choices."""

    rules: tuple[str, ...]
    families: tuple[str, ...]
    grants: tuple[str, ...] = ()
    questions: Callable[[], Mapping[str, tuple[str, ...]]] = dict
    #: The family of each rule.
    family_of: Mapping[str, str] = {}
    version: str = ""


def check_version(table: Mapping[str, Any], version: str, place: TomlPlace) -> None:
    """``required-version``: a file may require a version of the tool, so that all members of a team get the same
    result.
    """
    wanted = table.get("required-version", "")
    if not wanted or not version:
        return
    for clause in str(wanted).split(","):
        match = re.fullmatch(r"\s*(>=|<=|==|>|<|=)?\s*(\d+(?:\.\d+)*)\s*", clause)
        if match is None:
            raise place.error(f"{clause.strip()!r} is not a version", "required-version", hint="write >=0.1 or ==0.1.0")
        if not _holds(version, match[1] or "==", match[2]):
            what = f"needs grantlint {wanted}, and this is {version}"
            raise place.error(what, "required-version", hint="install another version")


def _holds(version: str, operator: str, wanted: str) -> bool:
    have, want = ([int(part) for part in re.findall(r"\d+", text)] for text in (version, wanted))
    width = max(len(have), len(want))
    mine, theirs = ([*numbers, *[0] * (width - len(numbers))] for numbers in (have, want))
    return {
        ">=": mine >= theirs,
        "<=": mine <= theirs,
        ">": mine > theirs,
        "<": mine < theirs,
    }.get(operator, mine == theirs)


def convert_file(table: Mapping[str, Any], place: TomlPlace) -> FileTable:
    """The file as types; a value of the wrong type is an error with the place of its table."""
    try:
        return msgspec.convert(table, FileTable)
    except msgspec.ValidationError as error:
        what, _, route = str(error).partition(" - at ")
        what = f"{what[:1].lower()}{what[1:]}".replace("`", "'")
        what = what.replace("invalid RFC3339 encoded date", "expected a date such as 2027-01-31")
        steps = re.findall(r"[\w-]+|\[\d+\]", route.removeprefix("`$").removesuffix("`"))
        table_name = steps[0] if len(steps) > 1 and steps[1].startswith("[") else ""
        number = int(steps[1].strip("[]")) if table_name else 0
        unknown = re.search(r"unknown field '([^']+)'", what)
        tokens = [step for step in steps if not step.startswith("[")][1 if table_name else 0 :]
        if unknown:
            raise place.error(
                f"unknown key {unknown[1]!r}",
                *tokens,
                unknown[1],
                table=table_name,
                number=number,
                hint="see grantlint config --schema",
            ) from None
        raise place.error(
            f"{'.'.join(step for step in steps if not step.startswith('['))}: {what}",
            *tokens,
            table=table_name,
            number=number,
            hint="see grantlint config --schema",
        ) from None


def check_grants(registrations: Mapping[str, RegistrationTable], known: Iterable[str], place: TomlPlace) -> None:
    """Refuse a declared grant that is not one of *known*."""
    for name, row in registrations.items():
        if row.grant and row.grant not in known:
            raise place.error(f"unknown grant {row.grant!r}", name, "grant", row.grant, hint=nearest(row.grant, known))


def check_levels(table: Any, known: Iterable[str], place: TomlPlace, where: str) -> None:
    """Refuse a table of severities that names an unknown rule or an unknown severity; *where* is the table's name."""
    if not isinstance(table, dict):
        raise place.error(f"{where} must be a table", where, hint='write "rule-id" = "high" on its own line')
    for name, level in table.items():
        if name not in known:
            raise place.error(f"unknown rule {name!r} in {where}", where, name, hint=nearest(name, known))
        if level not in LEVELS:
            raise place.error(f"unknown severity {level!r} for {name}", where, name, hint=f"one of {', '.join(LEVELS)}")


def read_names(table: Mapping[str, Any], key: str, known: tuple[str, ...], place: TomlPlace) -> tuple[str, ...]:
    """The rules and families that *key* lists; nothing where it is absent."""
    values = table.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise place.error(f"{key} must be a list of rules or families", key, hint=f'write {key} = ["implicit"]')
    check_known(values, known, place, key, key)
    return tuple(values)


def check_known(
    names: Iterable[str],
    known: tuple[str, ...],
    place: TomlPlace,
    where: str,
    key: str,
    *,
    table: str = "",
    number: int = 0,
) -> None:
    """Refuse a rule or family that *key* names and that does not exist; *where* is what the message calls its place."""
    for name in names:
        if name not in known:
            raise place.error(_unknown(name, where), key, name, table=table, number=number, hint=nearest(name, known))


def _unknown(name: str, where: str) -> str:
    return f"unknown rule or family {name!r} in {where}"


def check_names(values: Iterable[str], option: str, known: Iterable[str]) -> tuple[str, ...]:
    """The rules or families that an *option* of the command line names, by their new names where they were renamed.
    Raises ``ConfigurationError`` for an unknown one.
    """
    names = tuple(known)
    wanted = tuple(
        new_names().get(name.strip(), name.strip()) for value in values for name in value.split(",") if name.strip()
    )
    for name in wanted:
        if name not in names:
            raise ConfigurationError(_unknown(name, option), hint=nearest(name, names))
    return wanted


def read_lock(table: Mapping[str, Any], known: Known, place: TomlPlace) -> dict[str, int]:
    """The keys that files based on this one may not set, each with its line."""
    values = table.get("lock", [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise place.error("lock must be a list of keys", "lock", hint='write lock = ["fail-on", "suppress"]')
    below = {
        "severity": known.rules,
        "settings": tuple(field.encode_name for field in msgspec.structs.fields(Settings)),
        "limits": tuple(field.encode_name for field in msgspec.structs.fields(LimitsTable)),
        "suppressions": tuple(field.encode_name for field in msgspec.structs.fields(RequirementsTable)),
        "ignorable": (*known.rules, *known.families),
    }
    for value in values:
        head, dot, name = value.partition(".")
        names = below.get(head, ()) if dot else LOCKABLE
        if (name or head) not in names:
            raise place.error(f"{value!r} in lock is not a key", "lock", value, hint=nearest(name or head, names))
    return {value: place.find("lock", value)[0] for value in values}


def check_locks(
    table: Mapping[str, Any], locks: Mapping[str, Place], families: Mapping[str, str], place: TomlPlace
) -> None:
    """Refuse what *table* sets although a file that it is based on locks it. *families* are by their rules.

    A locked severity cannot be replaced by turning the rule off, nor a locked setting by an override. The types of the
    values were not checked yet.
    """
    for key, tokens, number in _set_keys(table, locks, families):
        lock = next((name for name in (key, key.partition(".")[0]) if name in locks), None)
        if lock is not None:
            what = f"{key} is locked by {locks[lock].file}, line {locks[lock].line}"
            inside = "" if number is None else "override"
            hint = "remove the key here, or change the file that locks it"
            raise place.error(what, *tokens, table=inside, number=number or 0, hint=hint)


def _set_keys(
    table: Mapping[str, Any], locks: Iterable[str], families: Mapping[str, str]
) -> Iterator[tuple[str, tuple[str, ...], int | None]]:
    """The keys that *table* sets, by dotted names: where each is, and the number of the override that it is in."""
    rules = [name.removeprefix("severity.") for name in locks if name.startswith("severity.")]
    overrides = table.get("override")
    parts: list[tuple[Mapping[str, Any], int | None]] = [(table, None)]
    parts += [(row, number) for number, row in enumerate(overrides if isinstance(overrides, list) else ())]
    for part, number in parts:
        for key, value in part.items() if isinstance(part, dict) else ():
            if isinstance(value, dict):
                yield from ((f"{key}.{name}", (key, name) if number is None else (name,), number) for name in value)
            if key == "ignore" and isinstance(value, list):
                off = [(rule, name) for name in value for rule in rules if name in (rule, families.get(rule))]
                yield from ((f"severity.{rule}", (key, name), number) for rule, name in off)
            if number is None:
                yield key, (key,), None


def read_fail_on(table: Mapping[str, Any], place: TomlPlace) -> str:
    """From which severity on a finding fails the run: ``low`` where the file is silent."""
    value = table.get("fail-on", "low")
    if value not in FAIL_ON:
        raise place.error(f"unknown severity {value!r} in fail-on", "fail-on", hint=f"one of {', '.join(FAIL_ON)}")
    return str(value)


def check_settings(table: Any, place: TomlPlace, where: str) -> None:
    """Refuse a setting that is unknown or holds what it may not; *where* is the table's name."""
    if not isinstance(table, dict):
        raise place.error(f"{where} must be a table", where, hint=f"write [{where}] on its own line")
    known = [field.encode_name for field in msgspec.structs.fields(Settings)]
    for key in table:
        if key not in known:
            raise place.error(f"unknown setting {key!r}", where, key, hint=nearest(key, known))
    for key, value in table.items():
        try:
            msgspec.convert({key: value}, Settings)
        except msgspec.ValidationError as error:
            what = str(error).partition(" - at ")[0]
            what = f"{key}: {what[:1].lower()}{what[1:]}"
            raise place.error(what, where, key, hint="see the settings in rules/README.md") from None


def read_answers(
    table: Any, questions: Callable[[], Mapping[str, tuple[str, ...]]], place: TomlPlace
) -> dict[str, str]:
    """Answers that always hold in this organization: ``[advise.answers]``."""
    if not isinstance(table, dict) or not isinstance(table.get("answers", {}), dict):
        hint = "write [advise.answers] on its own line"
        raise place.error("advise must contain a table of answers", "advise", hint=hint)
    for key in table:
        if key not in ("answers", "tree"):
            raise place.error(f"unknown key {key!r} in advise", "advise", key, hint="write answers or tree")
    answers: dict[str, str] = {}
    known = questions() if table.get("answers") and not table.get("tree") else {}
    for question, choice in table.get("answers", {}).items():
        if known and question not in known:
            raise place.error(
                f"unknown question {question!r}",
                "answers",
                question,
                hint=nearest(question, known, "grantlint tree --questions"),
            )
        if known and choice not in known[question]:
            what = f"{question} has no choice {choice!r}"
            raise place.error(what, "answers", question, hint=f"one of {', '.join(known[question])}")
        answers[question] = choice
    return answers


def nearest(word: str, known: Iterable[str], lister: str = "grantlint rules") -> str:
    """A hint: the known names that *word* is a part or a misspelling of, else the known names where they are few, else
    what lists them.
    """
    names = tuple(known)
    parts = [name for name in names if word in name.split("-")][:3]
    near = parts or get_close_matches(word, names, n=1, cutoff=_ALIKE)
    if near:
        return f"did you mean {' or '.join(map(repr, near))}?"
    return f"known: {', '.join(names)}" if len(names) <= 12 else f"see `{lister}`"


def place_of_key(key: str) -> str:
    """A hint for a *key* that the top level of a file does not have: where it belongs, or what is meant."""
    if key in _MEANT:
        return _MEANT[key]
    if key in (field.encode_name for field in msgspec.structs.fields(Settings)):
        return "write the key in [settings]"
    return nearest(key, KEYS, "grantlint config --schema")
