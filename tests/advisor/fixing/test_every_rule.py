"""Every rule's bad examples in every format that people edit, with comments and odd formatting around: a fix gives the
good state, touches the fewest lines, and leaves all other bytes as they are; a second run changes nothing.
"""

import codecs
import difflib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from advisor.fixing.apply import Checked, Fixed, fix
from advisor.fixing.changes import changes
from advisor.fixing.written import elements_of
from advisor.policy.config import Configuration
from advisor.policy.govern import Policy
from advisor.run.compose import compose
from advisor.sources.discover import read_paths
from advisor.sources.reading.source import read_instead
from rules.docs.rule_page import patch_of
from rules.engine.findings import value_at
from rules.engine.rule import Bad, Rule
from rules.families import RULES as EVERY_RULE
from rules.model.clean import NOW, merged_into
from rules.model.settings import Settings
from rules.model.usage import Usage
from rules.primitives.patch import leaves, plain
from tests.advisor.sources.test_same_findings import can_say
from tests.advisor.sources.writers import FORMATS, Format

RULES = tuple(rule for rule in EVERY_RULE if rule.on == "registration")


def checked(name: str, rules: tuple[Rule, ...], settings: Settings, usage: Usage | None) -> Checked:
    reading = read_paths([name], stdin=bytes)
    reading.usage = usage
    policy = Policy(configuration=Configuration(settings=settings))
    return Checked(
        reading,
        compose(title="", version="0", now=NOW, made_at=NOW, rules=rules, reading=reading, policy=policy),
    )


def fixed(name: str, rules: tuple[Rule, ...], settings: Settings, usage: Usage | None) -> Fixed:
    def check(contents: Mapping[str, bytes]) -> Checked:
        with read_instead(contents):
            return checked(name, rules, settings, usage)

    return fix(checked(name, rules, settings, usage), check, unsafe=True)


def yaml_text(app: dict[str, Any]) -> str:
    """YAML of the Azure CLI."""
    return str(yaml.safe_dump(app, sort_keys=False))


EDITED = {name: one for name, one in FORMATS.items() if name not in ("plan", "pulumi")}
EDITED["yaml"] = Format("app.yaml", yaml_text)
#: How a comment begins in each format; what Terraform reads as JSON has none.
COMMENTS = {".tf": "#", ".bicep": "//", ".yaml": "#", ".json": "//", ".tf.json": ""}


def oddly(text: str, file: str) -> str:
    """*text* with comments at the ends of lines and between them, a blank line, and indentation of its own."""
    comment = COMMENTS[file[file.index(".") :]]
    lines = []
    for number, line in enumerate(text.splitlines()):
        if comment and number % 3 == 1 and not line.lstrip().startswith("}"):
            lines.append(f'  {comment} line {number}: [ "it\'s" }}')
        ends = number % 2 and comment and line.strip() and "\\" not in line
        lines.append(f"{line}   {comment} {number}, really" if ends else line)
        if number % 5 == 0 and file != "app.yaml":
            lines.append("")
    return "\n".join(lines) + "\n"


#: How the text becomes bytes.
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "windows": lambda text: codecs.BOM_UTF8 + text.replace("\n", "\r\n").encode(),
}

CASES = [
    pytest.param(name, rule, said, id=f"{name}-{rule.id}")
    for name, written in EDITED.items()
    for rule in RULES
    if not rule.needs_dns
    if (said := [bad for bad in rule.bad if patch_of(rule, bad) and can_say(written, rule, bad)])
]

#: What is a resource of its own in a format, or more, so that no list has it as an element.
ALONE = {
    "tf": ("/passwordCredentials", "/keyCredentials", "/federatedIdentityCredentials"),
    "tf.json": ("/passwordCredentials", "/keyCredentials", "/federatedIdentityCredentials"),
    "arm": ("/federatedIdentityCredentials",),
    "bicep": ("/federatedIdentityCredentials",),
}


@pytest.mark.exhaustive
@pytest.mark.parametrize(("name", "rule", "said"), CASES)
def test_fixes_give_the_good_state_and_touch_nothing_else(folder: Path, name: str, rule: Rule, said: list[Bad]) -> None:
    for bad in said:
        assert_fixed(EDITED[name], name, rule, bad, ENCODINGS["plain"])
    assert_fixed(EDITED[name], name, rule, said[0], ENCODINGS["windows"])


@pytest.mark.parametrize("name", EDITED)
@pytest.mark.parametrize(
    "id", ["implicit-access-token", "localhost-beside-production", "v1-tokens-for-personal-accounts"]
)
def test_fixes_of_some_rules(folder: Path, name: str, id: str) -> None:
    case = next((one for one in CASES if one.values[0] == name and one.values[1].id == id), None)
    assert case is not None
    _, rule, said = case.values
    assert_fixed(EDITED[name], name, rule, said[0], ENCODINGS["windows"])


def assert_fixed(format: Format, name: str, rule: Rule, bad: Bad, encode: Callable[[str], bytes]) -> None:
    settings = msgspec.convert(bad.settings, Settings)
    text = oddly(format.write(merged_into(rule.base, bad.fragment)), format.file)
    Path(format.file).write_bytes(encode(text))
    first = checked(format.file, (rule,), settings, bad.usage)
    (finding,) = (one for one in first.report.findings if one.rule == rule.id)
    if finding.patch is None:  # without the client ID, which only the deployment knows
        return
    (app,) = first.apps.values()
    (change, *others) = changes(finding, app)
    result = fixed(format.file, (rule,), settings, bad.usage)
    if finding.pointer.startswith(ALONE.get(name, ())) and "/" in finding.pointer[1:]:
        assert (result.count, result.files, len(result.refused)) == (0, (), 1)
        return
    assert (result.count, result.refused, len(result.files)) == (1, (), 1), (bad, result.refused)
    (file,) = result.files
    assert file.before == encode(text)
    # The good state.
    (after,) = result.checked.apps.values()
    for pointer, value in leaves(finding.patch or {}).items():
        assert plain(msgspec.to_builtins(value_at(after, pointer))) == value
    assert not any(one.rule == rule.id for one in result.checked.report.findings)
    # The fewest lines, and the others byte for byte.
    gone, come = lines_of_diff(file.before, file.after)
    size = len(shown_lines(first, finding.registration, change.pointer)) if change.remove else 1
    new = 0 if change.remove else 2 + 2 * len(str(change.value).split(",")) if isinstance(change.value, dict) else 3
    assert len(gone) <= size + 1 + len(others), gone
    assert len(come) <= new + 1 + len(others), come
    # A second run changes nothing.
    Path(format.file).write_bytes(file.after)
    assert fixed(format.file, (rule,), settings, bad.usage).files == ()


def shown_lines(found: Checked, key: str, pointer: str) -> list[str]:
    """The lines of an element, and those between it and its neighbors."""
    entry = found.reading.entry(key)
    assert entry is not None
    whole, elements, index = elements_of(entry, pointer)
    text = whole.document.shown
    start = elements[index - 1].span[1] if index else elements[index].span[0]
    return text[start : elements[index].span[1]].splitlines()


def lines_of_diff(before: bytes, after: bytes) -> tuple[list[bytes], list[bytes]]:
    """The lines that are gone and those that have come."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    gone: list[bytes] = []
    come: list[bytes] = []
    for kind, start, end, first, last in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            gone += old[start:end]
            come += new[first:last]
    return gone, come
