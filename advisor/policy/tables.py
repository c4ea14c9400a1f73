"""The tables of a configuration file as types: what is read and checked, and what the schema says, from one text."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from advisor.limits import Limits
from rules.model.settings import Settings

#: A severity, or ``off``: the rule does not run.
Level = Literal["critical", "high", "medium", "low", "info", "off"]
Threshold = Literal["critical", "high", "medium", "low", "info", "never"]
Names = Annotated[list[str], Meta(description="Rules or families.")]
Patterns = Annotated[
    str | list[str],
    Meta(
        description="A name, client id, object id, Terraform address or uniqueName, or a pattern with * and ?; or a "
        "list of them. Case makes no difference."
    ),
]
Paths = Annotated[
    str | list[str], Meta(description="A path pattern such as sandbox/** or *.dev.json, or a list of them.")
]


class _Table(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """A table; a misspelled key is an error."""


class SuppressTable(_Table, frozen=True):
    """An accepted finding: reason and owner, and the last day on which it is valid."""

    rule: Annotated[str | list[str], Meta(description="A rule or family, or a list of them.")]
    registration: Patterns = []
    path: Paths = []
    value: Annotated[
        str | list[str],
        Meta(description="The value that is accepted, or a pattern with * and ?; or a list. Without it, every value."),
    ] = []
    reason: str = ""
    owner: str = ""
    until: Annotated[date | None, Meta(description="The last day on which the suppression is valid.")] = None


class RequirementsTable(_Table, frozen=True):
    """What is required of suppressions, here and in comments. One that does not meet it has no effect."""

    max_suppression_days: (
        Annotated[int, Meta(ge=1, description="The last day is at most this many days from today.")] | None
    ) = None
    require_owner: Annotated[bool, Meta(description="Every suppression names an owner.")] = False
    require_until: Annotated[bool, Meta(description="Every suppression has a last day.")] = False
    require_value: Annotated[bool, Meta(description="Every [[suppress]] names the values that it accepts.")] = False


class OverrideTable(_Table, frozen=True):
    """Other rules and settings for some registrations: by name or by the path of their file."""

    registration: Patterns = []
    path: Paths = []
    ignore: Names = []
    severity: dict[str, Level] = {}
    settings: Annotated[
        dict[str, Any], Meta(description="Settings that differ for these registrations; see [settings].")
    ] = {}


class RegistrationTable(_Table, frozen=True):
    """What the organization declares about a registration."""

    grant: Annotated[
        str, Meta(description="The grant that the registration is for. Any other grant that it allows is a finding.")
    ] = ""
    owner: Annotated[
        str, Meta(description="The team that is responsible for the registration, if the directory has no owner.")
    ] = ""


Severity = Literal["critical", "high", "medium", "low", "info"]
Fragments = Annotated[
    dict[str, Any] | list[dict[str, Any]],
    Meta(
        description="A fragment of Graph JSON that is merged into a registration without findings, or a list of them."
    ),
]


class RuleTable(_Table, frozen=True):
    """A custom rule: a condition that is true for a fault."""

    id: Annotated[str, Meta(description="Words in kebab-case, such as contoso-owner-tag.")]
    severity: Severity
    message: Annotated[
        str, Meta(description='Completes the sentence "<registration> ..."; {value} is replaced by the wrong value.')
    ]
    fix: Annotated[str, Meta(description="What to do, in one sentence.")]
    where: Annotated[
        str,
        Meta(description="A JMESPath condition that is true if an element of each, or the registration, is wrong."),
    ]
    each: Annotated[
        str | list[str],
        Meta(description="The list whose elements are checked one by one, such as web.redirectUris; or several lists."),
    ] = []
    title: Annotated[
        str, Meta(description="A sentence for lists of rules. By default, it is made from the message.")
    ] = ""
    why: Annotated[str, Meta(description="The reason, in one or two sentences.")] = ""
    references: Annotated[list[str], Meta(description="URLs of the documents that the rule is based on.")] = []
    over: Annotated[
        Literal["web", "spa", "native", "daemon", "api"],
        Meta(description="The kind of registration that the examples are merged into."),
    ] = "web"
    bad: Annotated[Fragments, Meta(description="An example that the rule must report.")] = []
    good: Annotated[Fragments, Meta(description="An example that the rule must not report.")] = []


class AdviseTable(_Table, frozen=True):
    """What always holds when advice is given."""

    answers: dict[str, str] = {}
    tree: Annotated[str, Meta(description="An organization's own tree file, merged into the built-in one.")] = ""


class LimitsTable(_Table, frozen=True):
    """What reading one file may cost. A file that needs more is not read, and the exit status is 3."""

    bytes: Annotated[
        int,
        Meta(
            ge=1,
            description="The maximum size of a file in bytes, decompressed. Snapshots may be ten times as large.",
        ),
    ] = Limits().bytes
    steps: Annotated[
        int,
        Meta(
            ge=1,
            description="The maximum number of values after expansion, in addition to ten for each byte of the file.",
        ),
    ] = Limits().steps


class FileTable(_Table, frozen=True):
    """grantlint's configuration."""

    required_version: Annotated[
        str, Meta(description="The versions of grantlint that may read this file, such as >=0.1.")
    ] = ""
    profile: Annotated[
        str, Meta(description="strict, recommended or legacy, or the path of a custom profile (.toml).")
    ] = ""
    select: Names = []
    ignore: Names = []
    preview: Annotated[bool, Meta(description="Run rules that may still change.")] = False
    packs: Annotated[
        list[str], Meta(description="Installed packs of rules in Python. They run as part of grantlint.")
    ] = []
    fail_on: Threshold = "low"
    baseline: Annotated[str, Meta(description="A baseline file, as if given with --baseline.")] = ""
    severity: Annotated[dict[str, Level], Meta(description="Severities that replace a rule's own.")] = {}
    settings: Settings = Settings()
    limits: LimitsTable = LimitsTable()
    rule: list[RuleTable] = []
    suppress: list[SuppressTable] = []
    suppressions: RequirementsTable = RequirementsTable()
    ignorable: Annotated[
        dict[str, bool],
        Meta(description="Rules or families. With false, findings of the rule or family cannot be suppressed."),
    ] = {}
    override: list[OverrideTable] = []
    registrations: dict[str, RegistrationTable] = {}
    lock: Annotated[
        list[str],
        Meta(
            description="Keys that a file based on this one may not set, such as fail-on, suppress or settings.max-"
            "secret-days."
        ),
    ] = []
    advise: AdviseTable = AdviseTable()


#: The keys of a file, in the order of its documentation.
KEYS: Final = tuple(field.encode_name for field in msgspec.structs.fields(FileTable))

#: The keys that a file can lock for those based on it.
LOCKABLE: Final = tuple(key for key in KEYS if key not in ("required-version", "profile", "lock"))


def listed(value: str | list[str]) -> tuple[str, ...]:
    """One text or a list of texts, as a tuple."""
    return (value,) if isinstance(value, str) else tuple(value)
