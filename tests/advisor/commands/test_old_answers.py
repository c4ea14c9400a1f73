"""Answer files of the first version of the tree, which asked for rights before places: they keep working."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

#: Answers as they were written then, and the grant, platform and credential that they get.
OLD = {
    "page": ("token-for=user runs-in=browser page-tokens=page", "authorization_code spa -"),
    "old page": ("token-for=user runs-in=browser page-tokens=frozen", "implicit spa -"),
    "web": ("token-for=user runs-in=server user-present=yes web-legacy=nothing hosted-on=elsewhere holds-key=yes",
        "authorization_code web certificate"),
    "evening job of a server": ("token-for=user runs-in=server user-present=no app-permission=no sign-in-once=yes "
        "job-runs-on=server hosted-on=azure", "refresh_token web managed_identity"),
    "desktop": ("token-for=user runs-in=desktop installed-legacy=nothing", "authorization_code publicClient -"),
    "phone": ("token-for=user runs-in=mobile mobile-legacy=nothing", "authorization_code publicClient -"),
    "remote shell": ("token-for=user runs-in=cli browser-here=no other-device=yes device-code=allowed",
        "device_code - -"),
    "television": ("token-for=user runs-in=device other-device=yes device-code=allowed", "device_code - -"),
    "middle tier": ("token-for=user runs-in=api handed-in=user-token hosted-on=azure",
        "on_behalf_of - managed_identity"),
    "service": ("token-for=program app-permission=yes keeps-credential=yes hosted-on=azure acts-in=own-tenant",
        "client_credentials - managed_identity"),
    "pipeline": ("token-for=program app-permission=yes keeps-credential=yes hosted-on=github",
        "client_credentials - federated"),
    "tool by hand": ("token-for=user runs-in=by-hand", "authorization_code publicClient -"),
    "static site": ("token-for=nobody", "none - -"),
}  # fmt: skip


def answers_of(name: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in OLD[name][0].split())


def result(advice: dict) -> str:
    parts = (advice["grant"], advice["platform"], (advice["credential"] or {}).get("id"))
    return " ".join(part or "-" for part in parts)


@pytest.mark.parametrize("suffix", ["toml", "json"])
@pytest.mark.parametrize("name", OLD)
def test_an_old_file_gets_the_same_advice(name: str, suffix: str, grantlint: Callable, folder: Path) -> None:
    answers = answers_of(name)
    toml = "".join(f'{question} = "{choice}"\n' for question, choice in answers.items())
    (folder / f"old.{suffix}").write_text(toml if suffix == "toml" else json.dumps(answers), "utf-8")
    run = grantlint("advise", "--answers", f"old.{suffix}", "--format", "json")
    (advice,) = json.loads(run.out)["advices"]
    assert (run.status, advice["contradictions"], advice["unused"]) == (0, [], [])
    assert result(advice) == OLD[name][1]


def test_an_old_table_gets_the_same_advice(grantlint: Callable, folder: Path) -> None:
    heads = list(dict.fromkeys(question for name in OLD for question in answers_of(name)))
    text = io.StringIO()
    writer = csv.DictWriter(text, ["name", *heads])
    writer.writeheader()
    writer.writerows({"name": name, **answers_of(name)} for name in OLD)
    (folder / "old.csv").write_text(text.getvalue(), "utf-8")
    run = grantlint("advise", "--answers", "old.csv", "--format", "json")
    advices = json.loads(run.out)["advices"]
    assert {advice["client_name"]: result(advice) for advice in advices} == {name: row[1] for name, row in OLD.items()}


FORMS = {
    "toml": 'name = "Portal"\napi = ["sharepoint", "graph"]\nruns-in = "desktop"\ninstalled-legacy = "unsure"\n',
    "json": json.dumps(
        {"name": "Portal", "api": ["graph", "sharepoint"], "runs-in": "desktop", "installed-legacy": "unsure"}
    ),
    "csv": "name,api,runs-in,installed-legacy\nPortal,graph | SharePoint,desktop,unsure\n",
}


@pytest.mark.parametrize("suffix", FORMS)
def test_several_choices_are_a_list_or_joined_in_a_cell(suffix: str, grantlint: Callable, folder: Path) -> None:
    (folder / f"new.{suffix}").write_text(FORMS[suffix], "utf-8")
    run = grantlint("advise", "--answers", f"new.{suffix}", "--format", "json")
    (advice,) = json.loads(run.out)["advices"]
    assert (run.status, advice["facts"][0]["choice"]) == (0, "graph,sharepoint")


@pytest.mark.parametrize("value", ["graph,moon", "graph,none", "", ["graph"]])
def test_a_wrong_combination_names_the_choices(value: object, grantlint: Callable, folder: Path) -> None:
    question = "api" if value != ["graph"] else "runs-in"
    (folder / "new.json").write_text(json.dumps({question: value}), "utf-8")
    run = grantlint("advise", "--answers", "new.json")
    assert run.status == 2
    if value == "graph,none":
        assert "api=none cannot be combined with other choices; leave none out" in run.err
    else:
        assert f"{question} has no choice" in run.err
        assert f"{question} is one of" in run.err
