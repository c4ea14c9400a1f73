"""What a command loads: nothing that it does not need."""

import subprocess
import sys
from pathlib import Path

import pytest

from advisor.commands.table import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = '{"appId": "11111111-1111-4111-8111-111111111111", "displayName": "Portal", "web": {"redirectUris": ["http://a.example/cb"]}}'


def loaded_by(*arguments: str, cwd: Path = ROOT) -> set[str]:
    """The modules in memory after a run of the command in a process of its own."""
    return set(alone(*arguments, cwd=cwd).stderr.rpartition("MODULES ")[2].split())


def alone(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """A run of the command in a process of its own, which names the modules in memory when it ends."""
    code = (
        "import atexit, sys; atexit.register(lambda: sys.stderr.write('\\nMODULES ' + ' '.join(sys.modules)));"
        "from advisor.cli import run; run(sys.argv[1:])"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "PATH": "", **environment},
        capture_output=True,
        text=True,
        check=True,
    )


def completed(typed: str) -> subprocess.CompletedProcess[str]:
    """What Bash gets to complete *typed* with, its cursor at the end."""
    words = str(len(typed.split()) - (not typed.endswith(" ")))
    return alone(_GRANTLINT_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=words)


def commands_in(modules: set[str]) -> set[str]:
    """The commands whose module is in memory."""
    return {name for name in COMMANDS if f"advisor.commands.{name}" in modules}


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), (), ("linnt",)])
def test_the_first_page_the_version_and_a_misspelt_name_load_no_command(arguments: tuple[str, ...]) -> None:
    assert not commands_in(loaded_by(*arguments))


@pytest.mark.parametrize("arguments", [("--version",), ("--help",)])
def test_the_first_page_and_the_version_load_no_coercion_of_values(arguments: tuple[str, ...]) -> None:
    assert not {"pydantic", "advisor.commands.options", "asyncio", "msgspec"} & loaded_by(*arguments)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_loads_no_other_command(command: str) -> None:
    assert commands_in(loaded_by(command, "--help")) == {command}


def test_completing_a_name_loads_no_command() -> None:
    run = completed("grantlint ")
    assert run.stdout.split() == list(COMMANDS)
    assert not commands_in(set(run.stderr.split()))


def test_completing_an_option_or_its_value_loads_its_command_alone() -> None:
    options = completed("grantlint lint --se")
    assert options.stdout.split() == ["--select"]
    assert commands_in(set(options.stderr.split())) == {"lint"}
    assert completed("grantlint lint --select implicit-a").stdout.split() == ["implicit-access-token"]


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("lint", "--help")])
def test_help_and_version_load_neither_the_rules_nor_msgspec(arguments: tuple[str, ...]) -> None:
    modules = loaded_by(*arguments)
    assert not {"msgspec", "rules", "jinja2", "rich", "msgraph", "azure", "httpx"} & modules
    assert not [module for module in modules if module.startswith("reports.formats.")]


def test_the_name_of_a_file_finds_its_format_without_what_other_formats_need(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(MANIFEST)
    assert not {"jinja2", "rich"} & loaded_by("lint", "manifest.json", "-o", "report.csv", cwd=tmp_path)


def test_linting_a_file_loads_no_client_library_and_no_template_engine(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(MANIFEST)
    modules = loaded_by("lint", "manifest.json", cwd=tmp_path)
    assert "rules.families" in modules
    assert not {"advisor.policy.packs", "advisor.policy.custom_rules.build"} & modules
    assert not {"jinja2", "rich", "msgraph", "azure", "httpx", "requests", "jmespath", "pydantic"} & modules


def test_linting_a_manifest_loads_no_parser_of_other_formats(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(MANIFEST)
    page = '{"value": [{"appId": "a", "signInAudience": "AzureADMyOrg", "web": {}, "requiredResourceAccess": []}]}'
    (tmp_path / "page.json").write_text(page)
    modules = loaded_by("lint", "manifest.json", "page.json", cwd=tmp_path)
    assert not {"tree_sitter", "tree_sitter_hcl", "yaml", "pathspec"} & modules
    assert "advisor.sources.terraform.configuration" not in modules


def test_only_the_language_server_loads_its_protocol(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(MANIFEST)
    for arguments in (("lint", "manifest.json"), ("permissions", "Mail.Read"), ("server", "--help")):
        assert not {"pygls", "lsprotocol", "asyncio"} & loaded_by(*arguments, cwd=tmp_path)


def test_only_asking_dns_loads_a_library_for_it(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(MANIFEST.replace("a.example", "intranet"))
    assert not {"dns", "advisor.resolve"} & loaded_by("lint", "manifest.json", cwd=tmp_path)
    asked = loaded_by("lint", "manifest.json", "--resolve-hosts", "--resolver", "127.0.0.1", cwd=tmp_path)
    assert {"dns.query", "advisor.resolve.lookups"} <= asked
    assert not {"jinja2", "msgraph", "azure"} & asked


def test_listing_rules_loads_no_client_library_and_no_template_engine() -> None:
    assert not {"jinja2", "rich", "msgraph", "azure", "httpx"} & loaded_by("rules")


@pytest.mark.parametrize("arguments", [("snapshot", "--help"), ("diff", "--help")])
def test_the_help_of_snapshot_and_diff_loads_neither_msgspec_nor_a_client_library(arguments: tuple[str, ...]) -> None:
    assert not {"msgspec", "rules", "msgraph", "azure", "httpx", "asyncio"} & loaded_by(*arguments)


def test_a_snapshot_is_linted_without_any_client_library(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text('{"record":"snapshot","tenant":"contoso.com","endpoint":"","read_at":""}\n')
    modules = loaded_by("lint", "t.jsonl", cwd=tmp_path)
    assert "advisor.sources.tenant.snapshot_file" in modules
    assert not {"msgraph", "msgraph_core", "azure", "kiota_http", "httpx", "requests", "asyncio"} & modules


def test_only_a_tenant_loads_the_client_library(tmp_path: Path) -> None:
    modules = loaded_by("lint", "--tenant", "contoso.com", cwd=tmp_path)
    assert {"msgraph", "httpx"} <= modules
    assert not {"rich", "pygments", "pydantic"} & modules
