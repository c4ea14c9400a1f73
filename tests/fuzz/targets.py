"""What reads untrusted input, each with texts to begin from: every source of the table, and every other reader.

A new source is a target as soon as it is in the table: its samples are where the changes begin.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Final, NamedTuple

from advisor.decide.answers import read_clients
from advisor.decide.load import load_tree
from advisor.errors import GrantlintError
from advisor.policy.baseline import read_baseline
from advisor.policy.checks import Known
from advisor.policy.config import Configuration, load_configuration
from advisor.policy.folders import InFolders
from advisor.policy.suppressions import read_comments
from advisor.preflight.read import read_requests, read_variables
from advisor.preflight.show import render_json, render_predictions
from advisor.preflight.steps import predict_all
from advisor.run.audit import audit
from advisor.run.policy import policy_for
from advisor.run.reports import read_report
from advisor.run.session import known_names
from advisor.sources import table
from advisor.sources.discover import read_paths
from advisor.sources.reading.builder import Builder
from advisor.sources.reading.source import JsonSource, Source
from advisor.usage.aggregate import decoded, encoded
from advisor.usage.read import read_usage
from reports.formats.json import render_json as render_report
from reports.redact import redact
from reports.terminal.usage import render_usage
from rules.analysis.grants import TOKEN_GRANTS
from rules.analysis.usage import grant_use
from rules.families import RULES
from rules.model.usage import Usage
from tests.advisor.secret_places import MARKER, files, requests
from tests.reports.sample import sample_report

_NOW: Final = datetime(2026, 11, 30, tzinfo=UTC)
_PAST: Final = Path(__file__).with_name("past")


class Target(NamedTuple):
    """A reader: what it is called, the texts to begin from by file name, and a function that reads one.

    The function may raise ``GrantlintError``; any other exception is a defect.
    """

    name: str
    seeds: tuple[tuple[str, bytes], ...]
    read: Callable[[str, bytes], None]


def read_source(name: str, data: bytes, *, preview: bool = False) -> None:
    """Read a file as ``lint`` does, check what it has, and look up where each finding is."""
    Path(name).write_bytes(data)
    builder = Builder()
    builder.is_preview = preview
    reading = read_paths([name], stdin=bytes, builder=builder)
    broken = [problem.what for problem in reading.problems if "bug of grantlint" in problem.hint]
    assert not broken, broken[0]
    result = audit(reading, RULES, _NOW, policy_for(InFolders(Configuration()), [], reading, None, honor=True))
    failed = [gap for gap in result.not_assessed if gap.reason == "internal"]
    assert not failed, failed[0]
    for subject in reading.subjects:
        reading.row(subject.key)
    tuple(read_comments(reading.commented()))


def _from_disk(read: Callable[[Path], object]) -> Callable[[str, bytes], None]:
    """A reader of a path as one of a text: the file is written to the working folder."""

    def run(name: str, data: bytes) -> None:
        path = Path(name)
        path.write_bytes(data)
        read(path)

    return run


def _request(name: str, data: bytes) -> None:
    predictions = predict_all(read_requests(data, name), lambda _: None, _NOW)
    render_predictions(predictions, {})
    render_json(predictions, version="0", judged_at="")


def _report(name: str, data: bytes) -> None:
    report = read_report(name, data)
    render_report(report)
    redact(report, "ids")


def _usage(path: Path) -> None:
    """Read a file of sign-ins; what is wrong with it is a problem and no exception."""
    reading = read_usage([str(path)], _NOW.date())
    render_usage(reading.usage, 80)
    assert read_usage_text(encoded(reading.usage)) == reading.usage
    for grant in TOKEN_GRANTS:
        grant_use(reading.usage, _APP, grant)
    if reading.problems:
        raise reading.problems[0]


def read_usage_text(text: str) -> Usage:
    """The evidence in the text of an aggregate."""
    return decoded(json.loads(text), "usage.json")


@cache
def _known_names() -> Known:
    return known_names()


def _configuration(path: Path) -> None:
    load_configuration(path, _known_names())


_BASELINE: Final = b"""{"version": 1, "made_at": "2026-11-30T00:00:00Z", "findings": [
{"fingerprint": "a", "rule": "no-owner", "registration": "b", "value": "c"}]}"""
_LINES: Final = b"""{"version": 2, "findings": [
{"registration":"b","rule":"no-owner","value":"[]","severity":"low","since":"2026-01-15","source":"a/b.tf","fingerprint":"a"},
null]}"""
_SETTINGS: Final = b"""ignore = ["no-owner"]
fail-on = "high"

[settings]
max-secret-days = 180

[[suppress]]
rule = "no-owner"
registration = "Portal*"
reason = "known"
until = 2027-01-01

[[rule]]
id = "contoso-cost-center"
severity = "medium"
message = "has no cost center in its tags"
fix = "Add a tag cost-center:NUMBER."
where = "length(tags[?starts_with(@, 'cost-center:')]) == `0`"
"""
_ANSWERS: Final = (
    ("a.toml", b'[[clients]]\nname = "portal"\ntoken-for = "user"\nruns-in = "server"\n'),
    ("a.json", b'{"token-for": "user"}'),
    ("a.csv", b"name,token-for\nportal,user\n"),
)
_SCRIPTS: Final = (
    ("setup.sh", b'az ad app create --display-name x --web-redirect-uris http://a/ --app-roles \'[{"value": "a"}]\'\n'),
    ("setup.ps1", b"New-MgApplication -DisplayName 'x' -Web @{ RedirectUris = @('http://a/') }\n"),
)
_APP: Final = "11111111-1111-4111-8111-111111111111"
_SIGN_IN: Final = {
    "createdDateTime": "2026-11-20T10:00:00Z",
    "appId": _APP,
    "appDisplayName": "Portal",
    "signInEventTypes": ["interactiveUser"],
    "authenticationProtocol": "authorizationCodeWithPkce",
    "status": {"errorCode": 0},
    "userId": "jane",
}
_KEYS: Final = [{"appId": _APP, "keyId": _APP, "signInActivity": {"lastSignInDateTime": "2026-11-20T10:00:00Z"}}]
_AGGREGATE: Final = {
    "grantlint_usage": 1,
    "uses": [{"app_id": _APP, "kind": "user"}],
    "reach": [{"kind": "interactiveUser", "source": "x", "start": "2026-10-01", "end": "2026-11-20"}],
}
_STALE: Final = [{"recommendationId": "x.staleApps", "subjectId": _APP, "additionalDetails": [{"key": "AppId"}]}]
_ROWS: Final = f"Kind,AppId,Protocol,Result,Count,First,Last\nuser,{_APP},ropc,success,3,2026-11-20,x\n"
_SIGN_INS: Final = (
    ("page.json", json.dumps({"value": [_SIGN_IN, _SIGN_IN]}).encode()),
    ("hub.json", json.dumps({"records": [{"time": "x", "category": "SignInLogs", "properties": _SIGN_IN}]}).encode()),
    ("keys.json", json.dumps(_KEYS).encode()),
    ("apps.json", json.dumps([{"appId": _APP, "delegatedClientSignInActivity": {}}]).encode()),
    ("stale.json", json.dumps(_STALE).encode()),
    ("usage.json", json.dumps(_AGGREGATE).encode()),
    ("apps.csv", f"Date (UTC),Service principal ID,Application ID \n20.11.2026 10:00,x,{_APP}\n".encode()),
    ("rows.csv", _ROWS.encode()),
    ("oauth.csv", f'OAuthAppId,Permissions\n{_APP},"[{{""PermissionName"": ""Mail.Read""}}]"\n'.encode()),
)
_VALUES: Final = b'{"values": [{"key": "a", "value": "b"}]}'
_TREE: Final = b"""organisation = "Contoso"

[[forbid]]
grant = "device_code"
because = "it is blocked here"
"""


def _rows() -> list[Source | JsonSource]:
    modules = (importlib.import_module(f"{table.__name__}.{one.name}") for one in pkgutil.iter_modules(table.__path__))
    return [row for module in modules if isinstance(row := getattr(module, "SOURCE", None), Source | JsonSource)]


def _seeds(row: Source | JsonSource) -> tuple[tuple[str, bytes], ...]:
    """The samples of a source, and the files of the tests of secrets that have the same extension."""
    samples = [(name, text.encode()) for name, text in row.samples.items()]
    suffixes = {Path(name).suffix for name, _ in samples}
    words = tuple(word.decode() for word in row.words)
    for some in files().values():
        for name, text in some.items():
            of_kind = (
                any(word in text.lower() for word in words) if words else Path(name).suffix in suffixes - {".json"}
            )
            if Path(name).suffix in suffixes and of_kind:
                samples.append((name, text.replace(MARKER, "fuzz").encode()))
    return tuple(samples)


def targets() -> dict[str, Target]:
    """All targets by name."""
    declaring = [row for row in _rows() if isinstance(row, JsonSource) or row.declares]
    found = [Target(row.title, _seeds(row), read_source) for row in declaring]
    asked = tuple((name, text.replace(MARKER, "fuzz").encode()) for name, text in requests().values())
    found += [
        Target("scripts", _SCRIPTS, partial(read_source, preview=True)),
        Target("requests", asked, _request),
        Target("Postman environments", (("e.json", _VALUES),), lambda name, data: read_variables(data, name)),
        Target("stored reports", (("r.json", render_report(sample_report()).encode()),), _report),
        Target("baselines", (("b.json", _BASELINE), ("c.json", _LINES)), _from_disk(read_baseline)),
        Target("configurations", (("grantlint.toml", _SETTINGS),), _from_disk(_configuration)),
        Target("sign-ins", _SIGN_INS, _from_disk(_usage)),
        Target("answers", _ANSWERS, _from_disk(lambda path: read_clients(load_tree(), path))),
        Target("trees", (("t.toml", _TREE),), lambda name, data: load_tree(data.decode("utf-8", "replace"), file=name)),
    ]
    return {target.name: target for target in found}


def past() -> list[Path]:
    """Inputs that once ended a run or made it endless. The folder says which target read them."""
    return sorted(path for path in _PAST.rglob("*") if path.is_file())


def run(target: Target, name: str, data: bytes) -> bool:
    """Read *data*; says whether it was taken for what it is."""
    try:
        target.read(name, data)
    except GrantlintError:
        return False
    return True
