"""The values of a configuration by their dotted names, as ``grantlint config`` shows them and a gate compares them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from advisor.policy.config import Configuration, Declared, Override
from advisor.policy.suppressions import Suppression
from rules.model.settings import Settings

_SETTINGS: Final = msgspec.structs.fields(Settings)


def values(configuration: Configuration) -> dict[str, Any]:
    """Every value, by keys such as ``fail-on`` and ``settings.max-secret-days``; lists and tables are not left out."""
    packs = tuple(dict.fromkeys(one.pack for one in configuration.added if one.pack))
    return {
        "profile": configuration.profile,
        "select": configuration.select,
        "ignore": configuration.ignore,
        "preview": configuration.preview,
        "packs": packs,
        "fail-on": configuration.fail_on,
        "baseline": configuration.baseline,
        "lock": tuple(configuration.locks),
        **{f"severity.{rule}": level for rule, level in configuration.severity.items()},
        **{f"settings.{field.encode_name}": getattr(configuration.settings, field.name) for field in _SETTINGS},
        **{f"limits.{name}": most for name, most in configuration.limits.items()},
        **configuration.requirements.values(),
        "advise.tree": configuration.tree,
        **{f"advise.answers.{question}": choice for question, choice in configuration.answers.items()},
    }


def toml(value: Any) -> str:
    """A value as TOML has it."""
    return json.dumps(value, ensure_ascii=False)


def said_of_suppression(suppression: Suppression) -> str:
    """A suppression in words: ``no-owner for Contoso* until 2027-01-31``."""
    until = f" until {suppression.until}" if suppression.until else ""
    value = f" with value {', '.join(suppression.values)}" if suppression.values else ""
    about = (*suppression.registrations, *suppression.paths, *([suppression.folder] if suppression.folder else ()))
    where = "this line" if suppression.is_inline else ", ".join(about) or "all registrations"
    return f"{', '.join(suppression.rules)}{value} for {where}{until}"


def said_of_override(override: Override) -> str:
    """An override in words: ``sandbox/**: not no-owner, max-secret-days = 365``."""
    return f"{_about(override)}: {', '.join(_differences(override)) or 'nothing else'}"


def said_of_declared(declared: Declared) -> str:
    """What is declared of a registration, in words: ``Portal: owner = "web-team"``."""
    said = [f"{key} = {toml(value)}" for key in ("grant", "owner") if (value := getattr(declared, key))]
    return f"{declared.name}: {', '.join(said) or 'nothing declared'}"


def _about(override: Override) -> str:
    about = (*override.registrations, *override.paths)
    return ", ".join(about if not override.folder else (*about, override.folder))


def _differences(override: Override) -> Iterable[str]:
    yield from (f"not {name}" for name in override.ignore)
    yield from (f"{name} = {toml(value)}" for name, value in {**override.severity, **override.settings}.items())
