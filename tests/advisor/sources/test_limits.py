"""What one file may cost: limits, the guard that keeps the run going, and work in proportion to the input."""

import gzip
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from advisor.limits import Limits, budget, spend
from advisor.sources.discover import read_paths
from advisor.sources.reading.builder import Builder, Reading
from advisor.sources.reading.guard import guarded
from rules.engine.rule import Context
from rules.engine.run import lint
from rules.families import RULES
from rules.model.clean import NOW, clean, merged_into
from tests.growth import growth

CASES = Path(__file__).parents[4] / "shared" / "cases" / "security"
LARGE = "too large: it expands to more values than the limit for its size"
TEMPLATE = {"$schema": "https://schema.management.azure.com/deploymentTemplate.json#", "contentVersion": "1.0.0.0"}


def read(name: str, text: str, limits: Limits = Limits()) -> Reading:  # noqa: B008 - it cannot be changed
    Path(name).write_text(text, "utf-8")
    return read_paths([name], stdin=bytes, limits=limits)


def application(property: str) -> str:
    return f"resource a 'Microsoft.Graph/applications@v1.0' = {{\n  uniqueName: 'a'\n  displayName: {property}\n}}\n"


def terraform(locals: str, value: str) -> str:
    return f'locals {{\n{locals}\n}}\nresource "azuread_application" "a" {{\n  display_name = {value}\n}}\n'


TEN = ", ".join(["1"] * 10)
EXPANDING = {
    "loops.tf": terraform(
        f"  ten = [{TEN}]", "".join(f"[for {name} in local.ten : " for name in "abcdef") + "a" + "]" * 6
    ),
    "names.tf": terraform(
        "\n".join([f'  l0 = "{"x" * 100}"', *(f"  l{n + 1} = [{', '.join([f'local.l{n}'] * 10)}]" for n in range(9))]),
        "local.l9",
    ),
    "text.tf": terraform(
        "\n".join(['  l0 = "aaaaaaaaaa"', *(f'  l{n + 1} = replace(local.l{n}, "a", local.l{n})' for n in range(9))]),
        "local.l9",
    ),
    "join.tf": terraform(
        "\n".join(['  l0 = "aaaaaaaaaa"', *(f"  l{n + 1} = join(local.l{n}, [{TEN}])" for n in range(12))]), "local.l12"
    ),
    "list.bicep": "var l0 = [1, 2, 3]\n"
    + "".join(f"var l{n + 1} = concat(l{n}, l{n}, l{n})\n" for n in range(20))
    + application("l20"),
    "tree.bicep": "var l0 = [1]\n"
    + "".join(f"var l{n + 1} = [l{n}, l{n}, l{n}, l{n}, l{n}, l{n}, l{n}, l{n}]\n" for n in range(12))
    + application("flatten(l12)"),
    "arm.json": json.dumps(
        {
            **TEMPLATE,
            "variables": {
                "v0": "aaaaaaaaaa",
                **{f"v{n + 1}": "[format('{0}{0}{0}{0}{0}', variables('v" + str(n) + "'))]" for n in range(20)},
            },
            "resources": {
                "a": {"type": "Microsoft.Graph/applications@v1.0", "properties": {"displayName": "[variables('v20')]"}}
            },
        }
    ),
    "copies.json": json.dumps(
        {
            **TEMPLATE,
            "resources": [
                {
                    "type": "Microsoft.Graph/applications@v1.0",
                    "copy": {"name": "l", "count": 100},
                    "properties": {
                        "copy": [
                            {
                                "name": "tags",
                                "count": 100,
                                "input": {"copy": [{"name": "x", "count": 100, "input": "a"}]},
                            }
                        ]
                    },
                }
            ],
        }
    ),
}


@pytest.mark.parametrize("name", EXPANDING)
def test_a_file_that_expands_without_bound_is_not_read(folder: Path, name: str) -> None:
    reading = read(name, EXPANDING[name])
    assert [(row.name, row.status, row.note) for row in reading.inputs][-1][1:] in (
        ("not-read", LARGE),
        ("partly", LARGE),
    )
    assert reading.inputs[-1].name == name
    assert "[limits]" in reading.inputs[-1].remedy
    assert reading.problems == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"appId": "a", "web": ' + "[" * 5000 + "]" * 5000 + "}"),
        ("a.tf", terraform("", "[" * 5000 + "]" * 5000)),
        ("b.tf", terraform("", "(" * 5000 + "1" + ")" * 5000)),
        ("c.tf", terraform("", '"x"\n' + "a {\n" * 5000 + "}\n" * 5000)),
        ("a.tf.json", '{"resource": {"azuread_application": {"a": {"tags": ' + "[" * 600 + "]" * 600 + "}}}}"),
    ],
)
def test_a_file_that_is_nested_too_deeply_is_not_read(folder: Path, name: str, text: str) -> None:
    reading = read(name, text)
    assert [(row.name, row.status) for row in reading.inputs] == [(name, "not-read")]
    assert reading.inputs[0].note.startswith("is nested too deeply")
    assert reading.problems == ()


def test_a_file_over_the_limit_of_bytes_is_not_read(folder: Path) -> None:
    manifest = json.dumps(clean("web"))
    limits = Limits(bytes=len(manifest) - 1)
    (folder / "apps").mkdir()
    (folder / "apps" / "app.json").write_text(manifest)
    (folder / "apps" / "other.json").write_text('{"name": "' + "x" * len(manifest) + '"}')
    for names in (["apps"], ["apps/app.json"]):
        (row,) = read_paths(names, stdin=bytes, limits=limits).inputs
        assert (row.name, row.status) == ("apps/app.json", "not-read")
        assert row.note == f"too large: more than {len(manifest) - 1:,} bytes"
        assert "--max-bytes" in row.remedy
    (row,) = read_paths(["-"], stdin=manifest.encode, limits=limits).inputs
    assert (row.name, row.status) == ("-", "not-read")
    assert len(read_paths(["apps"], stdin=bytes, limits=Limits(bytes=len(manifest))).subjects) == 1


def test_a_compressed_snapshot_counts_decompressed(folder: Path) -> None:
    header = {"record": "snapshot", "tenant": "contoso.com", "endpoint": "", "read_at": "2026-11-30T00:00:00Z"}
    lines = [header, *({"record": "application", "value": {"id": str(n), "displayName": "x"}} for n in range(2000))]
    text = "".join(json.dumps(line) + "\n" for line in lines).encode()
    (folder / "t.jsonl.gz").write_bytes(gzip.compress(text))
    assert len(read_paths(["t.jsonl.gz"], stdin=bytes, limits=Limits(bytes=len(text) // 10 + 1)).subjects) == 2000
    (row,) = read_paths(["t.jsonl.gz"], stdin=bytes, limits=Limits(bytes=len(text) // 10 - 1)).inputs
    assert (row.status, row.note[:9]) == ("not-read", "too large")


def test_the_limits_can_be_raised(folder: Path, grantlint: Callable) -> None:
    text = terraform(f"  ten = [{TEN}]", "[for a in local.ten : [for b in local.ten : [for c in local.ten : a]]]")
    assert read("a.tf", text, Limits(steps=100)).inputs[0].note == LARGE
    assert read("a.tf", text).inputs[0].status == "read"
    Path("grantlint.toml").write_text("[limits]\nsteps = 100\n")
    assert grantlint("lint", "a.tf").status == 3
    Path("grantlint.toml").write_text("[limits]\nbytes = 10\n")
    assert "too large: more than 10 bytes" in grantlint("lint", "a.tf").err
    assert "too large" not in grantlint("lint", "a.tf", "--max-bytes", "100000").err
    Path("grantlint.toml").write_text("[limits]\nbytes = 0\n")
    assert grantlint("lint", "a.tf").status == 2


def test_an_unforeseen_error_is_one_row_and_the_others_are_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, grantlint: Callable
) -> None:
    def fail(*_: Any) -> None:
        raise KeyError("hunter2")

    monkeypatch.setattr("advisor.sources.code.arm.read_template", fail)
    (folder / "a.json").write_text(EXPANDING["arm.json"])
    (folder / "b.json").write_text(json.dumps(clean("web")))
    reading = read_paths(["."], stdin=bytes)
    assert len(reading.subjects) == 1
    (problem,) = reading.problems
    assert problem.file == "a.json"
    assert problem.what.startswith("cannot be read: KeyError at test_limits.py:")
    run = grantlint("lint", ".", "--isolated", "--format", "sarif")
    assert run.status == 2
    assert "hunter2" not in run.out + run.err
    assert json.loads(run.out)["runs"][0]["invocations"]


def test_what_was_found_before_a_limit_makes_the_file_read_in_part() -> None:
    builder = Builder()
    with guarded(builder, "a.json"), budget(Limits(steps=3), 0):
        spend(3)
        spend()
    assert [(row.name, row.status, row.note) for row in builder.inputs] == [("a.json", "not-read", LARGE)]


def test_outside_of_a_file_nothing_is_counted() -> None:
    spend(10**9)


@pytest.mark.skipif(not CASES.is_dir(), reason="needs the security cases, which are not part of the repository")
def test_no_known_input_ends_the_run(folder: Path, grantlint: Callable) -> None:
    for path in sorted(CASES.iterdir()):
        run = grantlint("lint", path, "--isolated", "--format", "sarif")
        assert "internal error" not in run.err, path.name
        assert "this is a bug" not in run.err, path.name
        assert json.loads(run.out)["runs"], path.name


def _linear(work: Callable[[int], Callable[[], object]], size: int) -> None:
    assert growth(work, size) < 2.5


def _checked(part: dict[str, Any]) -> Callable[[], object]:
    """Read a registration with a *part*, check it with all rules, and locate what was found."""
    text = json.dumps(merged_into("web", part)).encode()

    def work() -> None:
        reading = read_paths(["-"], stdin=lambda: text)
        found = lint(reading.subjects, RULES, Context(NOW))
        for finding in found.findings:
            reading.locate(finding.registration, finding.pointer)

    return work


def _credentials(count: int) -> list[dict[str, Any]]:
    return [
        {"keyId": f"{n:08d}-1111-4111-8111-111111111111", "displayName": f"s{n}",
         "startDateTime": "2020-01-01T00:00:00Z", "endDateTime": "2040-01-01T00:00:00Z"}
        for n in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "size"),
    [
        (lambda n: {"passwordCredentials": _credentials(n)}, 80),
        (lambda n: {"keyCredentials": [{**one, "usage": "Verify"} for one in _credentials(n)]}, 80),
        (lambda n: {"web": {"redirectUris": [f"http://h{i}.example.com/" for i in range(n)]}}, 300),
        (lambda n: {"web": {"redirectUris": ["https://a.example.com/" + "a/../%2f" * n]}}, 500),
        (lambda n: {"web": {"redirectUris": ["https://" + "a." * n + "azurewebsites.net/"]}}, 500),
        (lambda n: {"web": {"redirectUris": ["https://" + "1." * n + "1/"]}}, 500),
        (lambda n: {"identifierUris": [f"api://h{i}" for i in range(n)]}, 80),
        (lambda n: {"api": {"preAuthorizedApplications": [
            {"appId": f"{i:08d}-1111-4111-8111-111111111111", "delegatedPermissionIds": []} for i in range(n)
        ]}}, 300),
    ],
    ids=["secrets", "certificates", "uris", "path", "host", "address", "identifiers", "preauthorized"],
)  # fmt: skip
def test_checking_takes_calls_in_proportion_to_the_registration(part: Callable[[int], Any], size: int) -> None:
    _linear(lambda count: _checked(part(count)), size)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("same.json", lambda n: json.dumps({"value": [clean("web")] * n})),
        ("spread.bicep", lambda n: "param p object\n" + application("{" + "...p\n a: 1\n" * n + "}")),
        ("uses.bicep", lambda n: f"var v = [{'1, ' * n}1]\n" + application(f"[{'v[0], ' * n}1]")),
        ("distinct.tf", lambda n: terraform("", f"distinct([{', '.join(map(str, range(n)))}])")),
        ("text.tf", lambda n: terraform("", '"' + "ä${var.x}" * n + '"')),
        ("chain.tf", lambda n: terraform("", "a" + ".b" * n)),
        ("uses.tf", lambda n: terraform(f"  l = [{'1, ' * n}]", f"[{'local.l[0], ' * n}]")),
        ("arm.json", lambda n: json.dumps({
            **TEMPLATE,
            "variables": {f"V{i}": "x" for i in range(n)},
            "resources": {"a": {"type": "Microsoft.Graph/applications", "properties": {
                "tags": [f"[variables('v{i}')]" for i in range(n)]}}},
        })),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_reading_takes_calls_in_proportion_to_the_file(folder: Path, name: str, text: Callable[[int], str]) -> None:
    def work(count: int) -> Callable[[], object]:
        Path(name).write_text(text(count), "utf-8")
        return lambda: read_paths([name], stdin=bytes)

    _linear(work, 60)


@pytest.mark.skipif(sys.platform == "win32", reason="paths are too long")
def test_a_folder_of_any_depth_is_searched(folder: Path) -> None:
    place = folder
    for _ in range(1200):
        place = place / "d"
        place.mkdir()
    (folder / "app.json").write_text(json.dumps(clean("web")))
    try:
        assert len(read_paths(["."], stdin=bytes).subjects) == 1
    finally:  # what removes the folders of tests recurses
        while place != folder:
            place.rmdir()
            place = place.parent
