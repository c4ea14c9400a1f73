"""MSAL snippets are whole programs: Python compiles, JavaScript parses, and its types hold against the real libraries.

Types are checked where ``MSAL_MODULES`` names a ``node_modules`` with @azure/msal-browser, @azure/msal-node,
@types/node, open and typescript.
"""

import ast
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import msal
import pytest

from advisor.preflight.recipe import Preferences, make_recipe
from advisor.preflight.recipe_msal import LANGUAGES, render_msal
from rules.analysis.grants import TOKEN_GRANTS
from rules.model.clean import NOW
from tests.project.msal_dotnet import RECORD, digest

CREDENTIALS = ("secret", "certificate", "federated", "managed_identity")
MODULES = os.environ.get("MSAL_MODULES", "")


def snippets_in(language: str, login: str = "login.microsoftonline.com") -> dict[str, str]:
    """All snippets of *language*, by grant, platform and credential."""
    found = {}
    for row in TOKEN_GRANTS:
        for platform in row.platforms or (None,):
            for credential in CREDENTIALS:
                preferences = Preferences(platform=platform, credential=credential, tenant="contoso.com", login=login)
                recipe = make_recipe(row, None, preferences, NOW, "R".__mul__)
                text = render_msal(recipe, language)
                if text is not None:
                    found[f"{row.id}-{platform}-{recipe.credential}"] = text
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_to_fill_in(language: str) -> None:
    snippets = snippets_in(language)
    assert len(snippets) >= 14
    for text in snippets.values():
        assert not re.search(r"@[A-Z_]+@", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_managed_identity_gets_its_token_from_azure_and_not_from_a_file(language: str) -> None:
    for name, text in snippets_in(language).items():
        if name.endswith("managed_identity"):
            assert "api://AzureADTokenExchange" in text
            assert "ASSERTION_FILE" not in text
            assert "IDENTITY_CLIENT_ID" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_audience_is_the_one_of_the_cloud(language: str) -> None:
    text = snippets_in(language, "login.microsoftonline.us")["client_credentials-None-managed_identity"]
    assert "api://AzureADTokenExchangeUSGov" in text
    assert "https://graph.microsoft.us/.default" in text


@pytest.mark.parametrize(("name", "text"), snippets_in("python").items(), ids=snippets_in("python"))
def test_python_compiles_and_names_what_msal_has(name: str, text: str) -> None:
    compile(text, name, "exec")
    tree = ast.parse(text)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == "msal":
                assert hasattr(msal, node.attr)
            if node.value.id == "app":
                assert hasattr(msal.ConfidentialClientApplication, node.attr) or hasattr(
                    msal.PublicClientApplication, node.attr
                )
            assert node.value.id not in ("os", "requests") or node.value.id in imported


def test_every_page_goes_to_the_sign_in_page_when_nobody_is_signed_in() -> None:
    text = snippets_in("javascript")["authorization_code-spa-"]
    assert "if (!account) return app.acquireTokenRedirect(request);" in text
    assert "handleRedirectPromise" in text
    assert "AccessTokenAndRefreshToken" in text


@pytest.mark.parametrize(("name", "text"), snippets_in("dotnet").items(), ids=snippets_in("dotnet"))
def test_dotnet_leaves_no_overload_open(name: str, text: str) -> None:
    for assertion in re.findall(r"WithClientAssertion\((.*)", text):
        assert "(AssertionRequestOptions options) =>" in assertion, name


def test_dotnet_was_built_as_it_is() -> None:
    assert RECORD.read_text().strip() == digest(snippets_in("dotnet")), "run python tests/project/msal_dotnet.py"


@pytest.mark.exhaustive
@pytest.mark.skipif(shutil.which("javac") is None, reason="needs a JDK")
def test_java_compiles_against_the_signatures_of_msal(tmp_path: Path) -> None:
    library = (Path(__file__).parent / "msal4j.java").read_text()
    package = tmp_path / "com" / "microsoft" / "aad" / "msal4j"
    package.mkdir(parents=True)
    for match in re.finditer(r"^public (?:class|interface) (\w+).*?^}", library, re.DOTALL | re.MULTILINE):
        (package / f"{match[1]}.java").write_text(f"package com.microsoft.aad.msal4j;\n{match[0]}\n")
    programs = []
    for number, text in enumerate(snippets_in("java").values()):
        program = tmp_path / f"Main{number}.java"
        program.write_text(text.replace("public class Main ", f"public class Main{number} "))
        programs.append(program.name)
    done = subprocess.run(
        ["javac", "-d", "out", *programs], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
def test_javascript_parses(tmp_path: Path) -> None:
    for name, text in snippets_in("javascript").items():
        (tmp_path / f"{name}.mjs").write_text(text)
        done = subprocess.run(
            ["node", "--check", f"{name}.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not MODULES, reason="MSAL_MODULES names no node_modules with MSAL and TypeScript")
def test_javascript_fits_the_types_of_msal(tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(MODULES)
    for name, text in snippets_in("javascript").items():
        (tmp_path / f"{name}.mjs").write_text(text)
    options = {
        "target": "es2022", "module": "nodenext", "moduleResolution": "nodenext", "allowJs": True, "checkJs": True,
        "strict": False, "noEmit": True, "skipLibCheck": True, "types": ["node"], "lib": ["es2022", "dom"],
    }  # fmt: skip
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "include": ["*.mjs"]}))
    tsc = [str(Path(MODULES) / ".bin" / "tsc"), "-p", "."]
    done = subprocess.run(tsc, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout
