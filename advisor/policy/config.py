"""The configuration: ``grantlint.toml``, or ``[tool.grantlint]`` in ``pyproject.toml``, found from the working folder upwards.

The nearest file holds; files are not merged. Every mistake is one line with its place and the nearest valid word.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import msgspec

from advisor.errors import ConfigurationError
from rules.finding import SEVERITIES
from rules.settings import Settings

FILE_NAMES: Final = ("grantlint.toml", "pyproject.toml")

#: ``--fail-on`` and ``fail-on``: a severity, or never.
FAIL_ON: Final = (*SEVERITIES, "never")

_KEYS: Final = ("select", "ignore", "fail-on", "settings", "advise")


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """What a configuration file says. ``select`` and ``ignore`` name rules or families; nothing selected means all."""

    file: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str = "low"
    settings: Settings = Settings()
    answers: Mapping[str, str] = {}


class _Place:
    """Finds the line and column of a key or a value in TOML text, for messages."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.lines = text.splitlines()

    def error(self, what: str, *tokens: str, hint: str = "") -> ConfigurationError:
        """An error at the last of *tokens*, each searched behind the one before (table, key, value)."""
        line, column = 0, 0
        for token in tokens:
            pattern = re.compile(rf"(?<![\w-])[\"']?{re.escape(token)}(?![\w-])")
            for number in range(line, len(self.lines)):
                match = pattern.search(self.lines[number].partition("#")[0], column if number == line else 0)
                if match:
                    line, column = number, match.start()
                    break
        return ConfigurationError(what, file=self.file, line=line + 1, column=column + 1, hint=hint)


def find_configuration(start: Path) -> Path | None:
    """The nearest configuration file from *start* upwards; a ``pyproject.toml`` counts when it has ``[tool.grantlint]``."""
    for folder in (start, *start.parents):
        own = folder / "grantlint.toml"
        if own.is_file():
            return own
        shared = folder / "pyproject.toml"
        if shared.is_file():
            try:
                tool = tomllib.loads(shared.read_text("utf-8")).get("tool", {})
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
                continue  # not ours to complain about
            if isinstance(tool, dict) and "grantlint" in tool:
                return shared
    return None


def load_configuration(
    path: Path, *, rules: Iterable[str], families: Iterable[str], questions: Callable[[], Mapping[str, tuple[str, ...]]]
) -> Configuration:
    """Read *path*.

    *rules* and *families* are the known names, *questions* gives each question of the tree with its choices. Raises
    ``ConfigurationError`` with file, line and column for anything that does not hold together.
    """
    shown = str(path)
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"cannot be read: {error}", file=shown, hint="name another file with --config"
        ) from None
    place = _Place(shown, text)
    table = _tables(text, shown)
    if path.name == "pyproject.toml":
        table = table.get("tool", {}).get("grantlint", {})
    for key in table:
        if key not in _KEYS:
            raise place.error(f"unknown key {key!r}", key, hint=_nearest(key, _KEYS))
    names = (*rules, *families)
    answers = table.get("advise", {})
    return Configuration(
        file=shown,
        select=_names(table, "select", names, place),
        ignore=_names(table, "ignore", names, place),
        fail_on=_fail_on(table, place),
        settings=_settings(table.get("settings", {}), place),
        answers=_answers(answers, questions, place),
    )


def _tables(text: str, shown: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, _, where = str(error).partition(" (at ")
        numbers = [int(number) for number in re.findall(r"\d+", where)]
        line, column = (numbers[0], numbers[1]) if len(numbers) == 2 else (max(text.count("\n"), 0) + 1, 1)
        raise ConfigurationError(
            f"is not TOML: {message[:1].lower()}{message[1:]}",
            file=shown,
            line=line,
            column=column,
            hint="mend the syntax there",
        ) from None


def _names(table: Mapping[str, Any], key: str, known: tuple[str, ...], place: _Place) -> tuple[str, ...]:
    values = table.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise place.error(f"{key} must be a list of rules or families", key, hint=f'write {key} = ["implicit"]')
    for value in values:
        if value not in known:
            raise place.error(f"unknown rule or family {value!r} in {key}", key, value, hint=_nearest(value, known))
    return tuple(values)


def check_names(values: Iterable[str], option: str, known: Iterable[str]) -> tuple[str, ...]:
    """The rules or families that an *option* of the command line names. Raises ``ConfigurationError`` for an unknown one."""
    names = tuple(known)
    wanted = tuple(name.strip() for value in values for name in value.split(",") if name.strip())
    for name in wanted:
        if name not in names:
            raise ConfigurationError(f"unknown rule or family {name!r} in {option}", hint=_nearest(name, names))
    return wanted


def _fail_on(table: Mapping[str, Any], place: _Place) -> str:
    value = table.get("fail-on", "low")
    if value not in FAIL_ON:
        raise place.error(f"unknown severity {value!r} in fail-on", "fail-on", hint=f"one of {', '.join(FAIL_ON)}")
    return str(value)


def _settings(table: Any, place: _Place) -> Settings:
    if not isinstance(table, dict):
        raise place.error("settings must be a table", "settings", hint="write [settings] on a line of its own")
    known = [field.encode_name for field in msgspec.structs.fields(Settings)]
    for key in table:
        if key not in known:
            raise place.error(f"unknown setting {key!r}", "settings", key, hint=_nearest(key, known))
    for key, value in table.items():
        try:
            msgspec.convert({key: value}, Settings)
        except msgspec.ValidationError as error:
            what = str(error).partition(" - at ")[0]
            raise place.error(
                f"{key}: {what[:1].lower()}{what[1:]}", "settings", key, hint="see the settings in rules/README.md"
            ) from None
    return msgspec.convert(table, Settings)


def _answers(table: Any, questions: Callable[[], Mapping[str, tuple[str, ...]]], place: _Place) -> dict[str, str]:
    """Answers that always hold in this organisation: ``[advise.answers]``."""
    if not isinstance(table, dict) or not isinstance(table.get("answers", {}), dict):
        raise place.error(
            "advise must hold a table of answers", "advise", hint="write [advise.answers] on a line of its own"
        )
    for key in table:
        if key != "answers":
            raise place.error(f"unknown key {key!r} in advise", "advise", key, hint="only answers stands there")
    answers: dict[str, str] = {}
    known = questions() if table.get("answers") else {}
    for question, choice in table.get("answers", {}).items():
        if question not in known:
            raise place.error(f"unknown question {question!r}", "answers", question, hint=_nearest(question, known))
        if choice not in known[question]:
            choices = known[question]
            raise place.error(
                f"{question} has no choice {choice!r}", "answers", question, hint=f"one of {', '.join(choices)}"
            )
        answers[question] = choice
    return answers


def _nearest(word: str, known: Iterable[str]) -> str:
    names = tuple(known)
    near = get_close_matches(word, names, n=1, cutoff=0.5)
    return (
        f"did you mean {near[0]!r}?"
        if near
        else f"known: {', '.join(names)}"
        if len(names) <= 12
        else "see `grantlint rules`"
    )
